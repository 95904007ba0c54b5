import pytest

from ordain.store.vault import Keys, Vault, VaultError
from tests.conftest import VAULT_KEYS


def test_a_sealed_value_opens_only_in_its_own_place(vault: Vault) -> None:
    sealed = vault.seal("orders.phone", "row1", "13900000001")
    assert "139" not in sealed
    assert vault.open("orders.phone", "row1", sealed) == "13900000001"
    for place, row in (("orders.phone", "row2"), ("orders.email", "row1")):
        with pytest.raises(VaultError):
            vault.open(place, row, sealed)


def test_the_same_value_is_sealed_differently_each_time_and_long_texts_come_back_whole(vault: Vault) -> None:
    assert vault.seal("p", "r", "x") != vault.seal("p", "r", "x")
    text = "订单 " * 5_000
    assert vault.open("p", "r", vault.seal("p", "r", text)) == text


@pytest.mark.parametrize("value", ["330102199003070019", "", 42, 1.5, True, None, [{"id": "7"}], {"a": {"b": 1}}])
def test_a_value_of_any_kind_comes_back_as_it_was(vault: Vault, value: object) -> None:
    assert vault.show_value("p", "r", vault.seal_value("p", "r", value)) == value


def test_a_resealed_value_opens_with_the_new_key_alone(vault: Vault) -> None:
    old = vault.seal("p", "r", "secret")
    both = Vault(Keys("k2", {**VAULT_KEYS.data, "k2": b"n" * 32}, b"i" * 32))
    anew, only = both.reseal("p", "r", old), Vault(Keys("k2", {"k2": b"n" * 32}, b"i" * 32))
    assert only.open("p", "r", anew) == "secret"
    with pytest.raises(VaultError, match="the key k1 is missing"):
        only.open("p", "r", old)
    piece = both.reseal_bytes("p", "r", vault.seal_bytes("p", "r", b"piece"))
    assert only.open_bytes("p", "r", piece) == b"piece"


def test_what_does_not_open_is_remembered_once_for_the_alarm(vault: Vault) -> None:
    for _ in range(3):
        with pytest.raises(VaultError):
            vault.open("orders.phone", "row1", "v1.k1.AAAA.AAAA")
    assert [(one.place, one.row) for one in vault.failures()] == [("orders.phone", "row1")]
    assert vault.failures() == []


def test_blind_indexes_are_equal_for_equal_values_of_one_place(vault: Vault) -> None:
    assert vault.blind("phone", "139") == vault.blind("phone", "139") != vault.blind("tail", "139")
