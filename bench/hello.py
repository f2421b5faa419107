"""The yardstick: what Flask costs on this server set-up before anything of ours."""

from flask import Flask

app = Flask("hello")


@app.get("/")
def hello() -> str:
    return "Hello"
