"""The second factor: a step works once, wrong codes are counted together, and a change ends everything else."""

import pytest
import sqlalchemy as sa

from ordain.base.errors import Problem
from ordain.flows import account, login, login_factor
from ordain.flows.login import SignedIn
from ordain.flows.login_factor import Enrolled
from ordain.flows.services import Services
from ordain.store import factors, people
from ordain.store.notices import latest, letter
from ordain.store.sessions import Session
from ordain.store.tables.people import FactorRow
from tests.conftest import Clock
from tests.factories import ask_second_factor
from tests.rig.codes import code_at
from tests.web.conftest import PASSWORD, STRANGER


def sign_in(services: Services, name: str = "anna", password: str = PASSWORD) -> tuple[SignedIn, Session]:
    made = login.sign_in(services, name, password, "agent", STRANGER)
    assert isinstance(made, SignedIn)
    held = login.resume(services, made.secret, seen=True)
    assert held is not None
    return made, held


@pytest.fixture
def anna(founded: Services) -> Session:
    link = login.add_user(founded, "anna", ["viewer", "service"])
    assert link is not None
    assert login.set_password(founded, link.removeprefix("/first/"), PASSWORD, STRANGER) == []
    return sign_in(founded)[1]


def enrol(services: Services, held: Session) -> tuple[str, Enrolled]:
    begun = login_factor.begin(services, held)
    assert begun is not None
    made = login_factor.confirm(services, held, code_at(begun.seed, services.now(), -1), "agent", STRANGER)
    assert isinstance(made, Enrolled)
    return begun.seed, made


def test_with_a_second_factor_the_password_alone_opens_nothing(founded: Services, anna: Session, clock: Clock) -> None:
    seed, _ = enrol(founded, anna)
    made, held = sign_in(founded)
    assert (made.stage, held.stage, held.proven_at) == ("code", "code", None)
    proven = login_factor.prove(founded, held, code_at(seed, clock.now), STRANGER)
    assert isinstance(proven, str)
    assert login.resume(founded, made.secret, seen=True) is None
    whole = login.resume(founded, proven, seen=True)
    assert whole is not None
    assert (whole.stage, whole.proven_at) == ("open", clock.now)


def test_enrolling_ends_every_other_session_and_token_but_goes_on_here(founded: Services, anna: Session) -> None:
    other = sign_in(founded)[0]
    token = account.add_token(founded, anna, "script", ["viewer"], 30, STRANGER)
    assert isinstance(token, str)
    assert login.holder(founded, token)[0] is not None
    _, made = enrol(founded, anna)
    assert login.resume(founded, other.secret, seen=True) is None
    assert login.holder(founded, token)[0] is None
    assert login.resume(founded, made.secret, seen=True) is not None


def test_a_step_works_once_and_only_now_or_just_before(founded: Services, anna: Session, clock: Clock) -> None:
    seed, _ = enrol(founded, anna)
    for steps in (-2, -1, 1):
        assert isinstance(
            login_factor.prove(founded, sign_in(founded)[1], code_at(seed, clock.now, steps), STRANGER), Problem
        )
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], code_at(seed, clock.now), STRANGER), str)
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], code_at(seed, clock.now), STRANGER), Problem)


def test_a_step_is_taken_by_one_of_two(founded: Services, anna: Session) -> None:
    enrol(founded, anna)
    with founded.db.write() as conn:
        assert factors.take_step(conn, anna.user.id, 2**40)
        assert not factors.take_step(conn, anna.user.id, 2**40)
        assert not factors.take_step(conn, anna.user.id, 2**40 - 1)


def test_five_wrong_codes_shut_the_account_for_a_quarter_of_an_hour_in_every_flow(
    founded: Services, anna: Session, clock: Clock
) -> None:
    seed, made = enrol(founded, anna)
    here = login.resume(founded, made.secret, seen=True)
    assert here is not None
    for _ in range(2):
        assert isinstance(login_factor.prove(founded, sign_in(founded)[1], "000000", STRANGER), Problem)
        assert isinstance(login_factor.step_up(founded, here, "not-a-code", STRANGER), Problem)
    assert not login_factor.proves(founded, anna.user.id, "111111")
    right = login_factor.prove(founded, sign_in(founded)[1], code_at(seed, clock.now), STRANGER)
    assert isinstance(right, Problem)
    assert right.code == "too_many_attempts"
    clock.forward(minutes=16)
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], code_at(seed, clock.now), STRANGER), str)


def test_a_recovery_code_works_once_however_it_is_typed(founded: Services, anna: Session) -> None:
    _, made = enrol(founded, anna)
    assert len(set(made.codes)) == 10
    typed = made.codes[3].upper().replace("-", " ")
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], typed, STRANGER), str)
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], typed, STRANGER), Problem)
    with founded.db.read() as conn:
        assert factors.recovery_left(conn, anna.user.id) == 9


def test_the_seed_lies_sealed_and_codes_only_hashed(founded: Services, anna: Session) -> None:
    seed, made = enrol(founded, anna)
    with founded.db.read() as conn:
        stored = str(conn.execute(sa.select(FactorRow.__table__)).all())
        stored += str(conn.execute(sa.text("SELECT * FROM recovery_code")).all())
        stored += str(conn.execute(sa.text("SELECT * FROM audit")).all())
    assert seed not in stored
    assert not any(code in stored for code in made.codes)


def test_a_code_to_the_phone_stands_in_for_the_app_and_travels_sealed(
    founded: Services, anna: Session, clock: Clock
) -> None:
    _, made = enrol(founded, anna)
    here = login.resume(founded, made.secret, seen=True)
    assert here is not None
    assert not login_factor.send_code(founded, anna.user.id)
    with founded.db.write() as conn:
        people.set_contact(conn, founded.vault, anna.user.id, display_name="", phone="13900000001")
    login_factor.set_by_phone(founded, here, STRANGER, on=True)
    assert login_factor.send_code(founded, anna.user.id)
    assert not login_factor.send_code(founded, anna.user.id)
    with founded.db.read() as conn:
        told = letter(conn, founded.vault, latest(conn)[0].id)
        stored = str(conn.execute(sa.text("SELECT payload FROM outbox")).all())
        stored += str(conn.execute(sa.text("SELECT * FROM notice")).all())
    assert told is not None
    assert told.facts is not None
    assert told.address == "13900000001"
    code = str(told.facts["code"])
    assert len(code) == 6
    assert f'"{code}"' not in stored
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], code, STRANGER), str)
    assert isinstance(login_factor.prove(founded, sign_in(founded)[1], code, STRANGER), Problem)
    clock.forward(minutes=2)
    assert login_factor.send_code(founded, anna.user.id)


def test_switched_off_the_password_is_enough_again(founded: Services, anna: Session) -> None:
    _, made = enrol(founded, anna)
    here = login.resume(founded, made.secret, seen=True)
    assert here is not None
    assert isinstance(login_factor.drop(founded, here, "agent", STRANGER), str)
    assert login.resume(founded, made.secret, seen=True) is None
    assert sign_in(founded)[0].stage == "open"
    with founded.db.read() as conn:
        assert factors.recovery_left(conn, anna.user.id) == 0


def test_a_role_that_asks_for_it_lets_nobody_further_without_and_nobody_switch_it_off(
    founded: Services, anna: Session
) -> None:
    ask_second_factor(founded, "service")
    made, held = sign_in(founded)
    assert (made.stage, held.stage) == ("enrol", "enrol")
    _, enrolled = enrol(founded, held)
    here = login.resume(founded, enrolled.secret, seen=True)
    assert here is not None
    assert here.stage == "open"
    refused = login_factor.drop(founded, here, "agent", STRANGER)
    assert isinstance(refused, Problem)
    assert refused.code == "second_factor_required"


def test_an_unfinished_sign_in_lasts_ten_minutes(founded: Services, anna: Session, clock: Clock) -> None:
    enrol(founded, anna)
    made = sign_in(founded)[0]
    clock.forward(minutes=9)
    assert login.resume(founded, made.secret, seen=True) is not None
    clock.forward(minutes=2)
    assert login.resume(founded, made.secret, seen=True) is None
