"""HTML over HTTP: read the form, call one service, redirect or render."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from govflow.web import answers, forms, headers
from govflow.web.access import load_person
from govflow.web.own_words import OwnWords, own, own_markup

csrf = CSRFProtect()


def add_pages(app: Flask) -> None:
    """Put every page on the app: templates, safety, routes."""
    from govflow.web import (
        access_needs,
        board,
        calendar,
        complaints,
        confirming,
        equality,
        evidence,
        gates,
        groups,
        hearing,
        letters,
        mine,
        my_data,
        my_sign_in,
        openings,
        organisations,
        people,
        plain,
        plugin_pages,
        plugins,
        polls,
        projects,
        registers,
        sign_in,
        words,
    )

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
    pages = Blueprint("pages", __name__)
    for module in (
        *(plain, sign_in, confirming, my_sign_in, my_data, mine, board, calendar),
        *(organisations, complaints, hearing, openings),
        *(
            projects,
            words,
            gates,
            letters,
            people,
            access_needs,
            equality,
            evidence,
            groups,
            polls,
            registers,
            plugin_pages,
            plugins,
        ),
    ):
        module.add_routes(pages)
    app.register_blueprint(pages)
    for one_click in ("stop_at_once", "hear_or_not"):  # a mail program posts to these
        csrf.exempt(app.view_functions[f"pages.{one_click}"])
    app.before_request(load_person)
    app.after_request(headers.add_headers)
    app.context_processor(plain.what_every_page_knows)
    answers.add_refusals(app)
