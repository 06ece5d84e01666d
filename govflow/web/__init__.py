from flask import Flask


def add_pages(app: Flask) -> None:
    @app.get("/healthz")
    def healthz():
        return "ok"
