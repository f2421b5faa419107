"""The process says that it lives."""

from flask.testing import FlaskClient


def test_healthz_answers_without_a_database_question(client: FlaskClient) -> None:
    response = client.get("/healthz", base_url="http://localhost:8450")
    assert response.status_code == 200
