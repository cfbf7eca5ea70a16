"""Kafka over TLS: three files or none, readable at start; what is wrong is named, and no secret with it."""

import pytest
from confluent_kafka import KafkaError
from pydantic import ValidationError

from litopys.errors import Malformed
from litopys.kafka import settings as kafka_settings
from litopys.kafka.address import KafkaAddress
from litopys.kafka.brokers import Profile
from litopys.kafka.settings import consumer_settings, producer_settings
from litopys.service.settings import ProcessSettings

FILES = ("KAFKA_CA_FILE", "KAFKA_CERTIFICATE_FILE", "KAFKA_KEY_FILE")


@pytest.fixture
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LITOPYS_NETWORK_FILE", "network.json")
    monkeypatch.setenv("LITOPYS_NAME", "a")
    monkeypatch.setenv("LITOPYS_BOOTSTRAP", "k:1")
    for name in FILES:
        (tmp_path / name).write_text("PEM")

    def name_files(*names):
        for name in names:
            monkeypatch.setenv(f"LITOPYS_{name}", str(tmp_path / name))
        return tmp_path

    return name_files


def test_without_files_kafka_is_spoken_to_in_the_clear(environment):
    settings = ProcessSettings()
    assert settings.kafka == KafkaAddress("k:1")
    assert settings.kafka_profile is Profile.REPLICATED
    assert "security.protocol" not in producer_settings(settings.kafka, "c")


def test_every_client_is_given_the_three_files(environment):
    folder = environment(*FILES)
    kafka = ProcessSettings().kafka
    for settings in (producer_settings(kafka, "c"), consumer_settings(kafka, "c")):
        assert settings["security.protocol"] == "ssl"
        assert settings["bootstrap.servers"] == "k:1"
        located = [settings[f"ssl.{what}.location"] for what in ("ca", "certificate", "key")]
        assert located == [str(folder / name) for name in FILES]
        assert "enable.ssl.certificate.verification" not in settings
        assert settings["ssl.endpoint.identification.algorithm"] == "https"


@pytest.mark.parametrize(
    ("named", "lacking"),
    [
        (FILES[:1], "the own certificate and the own key is not named"),
        (FILES[:2], "the own key is not named"),
        (FILES[1:], "the CA's certificate is not named"),
    ],
)
def test_some_files_without_the_others_are_refused(environment, named, lacking):
    environment(*named)
    with pytest.raises(Malformed, match=lacking):
        ProcessSettings()


def test_a_file_that_is_not_there_is_refused_at_start(environment):
    (environment(*FILES) / "KAFKA_KEY_FILE").unlink()
    with pytest.raises(Malformed, match=r"the own key, .*KAFKA_KEY_FILE, is not readable: No such file"):
        ProcessSettings()


def test_what_is_wrong_is_told_without_the_values_beside_it(environment, monkeypatch):
    monkeypatch.setenv("LITOPYS_DATABASE_URL", "postgresql://u:secret@h/d")
    monkeypatch.setenv("LITOPYS_KAFKA_PROFILE", "some")
    with pytest.raises(ValidationError) as raised:
        ProcessSettings()
    assert "kafka_profile" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_that_kafka_does_not_let_us_in_is_told_and_not_with_every_attempt(caplog, monkeypatch):
    monkeypatch.setattr(kafka_settings, "_told", {})
    refused, away = KafkaError(KafkaError._SSL, "handshake failed"), KafkaError(KafkaError._TRANSPORT, "lost")
    for error in (refused, away, refused, refused):
        kafka_settings._complain(error)
    assert caplog.messages == ["kafka: handshake failed"]
    monkeypatch.setattr(kafka_settings, "TELL_EVERY_S", 0.0)
    kafka_settings._complain(refused)
    assert len(caplog.messages) == 2
