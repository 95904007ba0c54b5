"""The Flask application: made from services, guarded before every request, closed to routes without a policy."""

from pathlib import Path
from typing import Final

from flask import Flask

from ordain.flows.entering import EntryDesk
from ordain.flows.listening import Listener
from ordain.flows.reserving import Desk
from ordain.flows.services import Services
from ordain.flows.submitting import Counter
from ordain.web import entry, guards, i18n, policy, problems, session, stepping
from ordain.web.api import blueprints as api_blueprints
from ordain.web.api.openapi import build as build_document
from ordain.web.health import health
from ordain.web.hooks import hooks
from ordain.web.pages import blueprints as page_blueprints
from ordain.web.scim import scim
from ordain.web.widget import widget

ROOT: Final = Path(__file__).parents[3]
BODY_LIMIT: Final = 1_000_000


def create_app(services: Services) -> Flask:
    """Return the application over these services; RuntimeError where a route declares no policy."""
    app = Flask(
        "ordain", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"), static_url_path="/static"
    )
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=2_000,
        TRUSTED_HOSTS=guards.trusted_hosts(services.settings),
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["ordain"] = services
    app.extensions["ordain.listener"] = Listener(services)
    app.extensions["ordain.counter"] = Counter(services)
    app.extensions["ordain.desk"] = Desk(services)
    app.extensions["ordain.entries"] = EntryDesk(services)
    i18n.install(app)
    guards.install(app)
    session.install(app)
    problems.install(app)
    for blueprint in (hooks, health, widget, scim, entry.pages, stepping.step_up, *api_blueprints, *page_blueprints):
        app.register_blueprint(blueprint)
    policy.check_all(app)
    build_document(app)  # refuses what no document would tell of
    return app
