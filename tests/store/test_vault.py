from pathlib import Path

import pytest

from ordain.store.vault import Vault, VaultError, load_keys, make_keys


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


def test_every_flipped_character_is_refused(vault: Vault) -> None:
    sealed = vault.seal("p", "r", "secret")
    body = sealed.rindex(".") + 1
    for place in range(body, len(sealed) - 1):
        flipped = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(VaultError):
            vault.open("p", "r", flipped)


def test_blind_indexes_are_equal_for_equal_values_of_one_place(vault: Vault) -> None:
    assert vault.blind("phone", "139") == vault.blind("phone", "139") != vault.blind("tail", "139")


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = make_keys(path)
    assert make_keys(path) == keys == load_keys(path)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "{}", '{"current": "a", "keys": {"a": "AA=="}, "index": "AA=="}', "[1]"])
def test_a_bad_key_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(VaultError):
        load_keys(path)
    with pytest.raises(VaultError, match="missing"):
        load_keys(tmp_path / "none.json")
