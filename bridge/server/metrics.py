"""`GET /metrics`: what the live subjects have done, in Prometheus' text form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from bridge.outputs import Health, Outputs
from bridge.session import Session
from bridge.subjects import Subjects


class SubjectCollector(Collector):
    """Reads the sessions' counters when asked."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def collect(self) -> Iterator[Metric]:
        """One family a figure, one sample a subject."""
        clients = GaugeMetricFamily("avatar_bridge_clients", "Clients of the stream", labels=["subject"])
        waiting = GaugeMetricFamily("avatar_bridge_waiting_lines", "Lines that wait to be said", labels=["subject"])
        resyncs = GaugeMetricFamily(
            "avatar_bridge_client_resyncs", "Times that present clients fell out of their lead", labels=["subject"]
        )
        first = SummaryMetricFamily(
            "avatar_bridge_first_sound_seconds", "From a line's order to its first audio on its way", labels=["subject"]
        )
        counters = {
            name: CounterMetricFamily(f"avatar_bridge_{name}", text, labels=["subject"])
            for name, text in (
                ("utterances", "Lines said whole"),
                ("stops", "Stops and interruptions"),
                ("failures", "Lines that could not be said whole"),
                ("frames", "Frames released"),
                ("bad_messages", "Messages from clients that could not be read"),
            )
        }
        for session in self._subjects:
            label = [session.subject]
            clients.add_metric(label, len(session.streams))
            waiting.add_metric(label, session.waiting_lines)
            resyncs.add_metric(label, session.streams.resyncs)
            first.add_metric(label, len(session.first_sound_s), sum(session.first_sound_s))
            figures = {**asdict(session.counters), "utterances": session.utterances}
            for name, family in counters.items():
                family.add_metric(label, figures[name])
        yield from (clients, waiting, resyncs, first, *counters.values())
        yield from _sinks(self._subjects)


def _sinks(subjects: Subjects) -> Iterator[Metric]:
    """How each sink does, by its subject and URL."""
    labels = ["subject", "sink"]
    gauges = {
        "state": GaugeMetricFamily("avatar_bridge_sink_open", "Whether the sink is open", labels=labels),
        "fps": GaugeMetricFamily("avatar_bridge_sink_fps", "Frames that left in the last second", labels=labels),
    }
    counters = {
        "sent": CounterMetricFamily("avatar_bridge_sink_frames", "Frames sent", labels=labels),
        "dropped": CounterMetricFamily(
            "avatar_bridge_sink_drops", "Frames that were due and did not leave", labels=labels
        ),
        "reconnects": CounterMetricFamily(
            "avatar_bridge_sink_reconnects", "Times the sink came back after a failure", labels=labels
        ),
    }
    for session in subjects:
        for health in _healths(session):
            label = [session.subject, health.url]
            gauges["state"].add_metric(label, health.state == "open")
            gauges["fps"].add_metric(label, health.fps)
            for name, family in counters.items():
                family.add_metric(label, getattr(health, name))
    yield from chain(gauges.values(), counters.values())


def _healths(session: Session) -> Iterator[Health]:
    for attached in session.attached:
        if isinstance(attached, Outputs):
            yield from attached.health()


def exposition(subjects: Subjects) -> bytes:
    """The whole text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SubjectCollector(subjects))
    return generate_latest(registry)
