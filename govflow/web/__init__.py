"""HTML over HTTP: read the form, call one service, redirect or render."""

from __future__ import annotations

from flask import Flask
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from govflow.extensions import csrf
from govflow.web import (
    auth,
    errors,
    forms,
    gates,
    headers,
    history,
    mail,
    my_list,
    openings,
    people,
    plugins,
    polls,
    privacy,
    registers,
    site,
)
from govflow.web.access import load_person
from govflow.web.own_words import OwnWords, own, own_markup

TOPICS = (site, auth, my_list, people, gates, registers, polls, plugins, privacy, openings, mail, history)


def add_pages(app: Flask) -> None:
    """Put every page on the app: templates, safety, routes."""
    assert app.jinja_loader is not None
    app.jinja_env.loader = ChoiceLoader(
        [
            app.jinja_loader,
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    app.jinja_env.add_extension(OwnWords)
    app.jinja_env.globals.update(own=own, own_markup=own_markup)
    app.jinja_env.filters["own"] = own
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    WTFormsHelpers(app)
    app.jinja_env.filters["signed_for"] = lambda slot, more: more.words(slot)
    app.before_request(forms.make_room_for_files)  # before anything reads the form
    csrf.init_app(app)
    for topic in TOPICS:
        app.register_blueprint(topic.bp)
    app.before_request(load_person)
    app.after_request(headers.add_headers)
    app.context_processor(site.what_every_page_knows)
    errors.add_refusals(app)
