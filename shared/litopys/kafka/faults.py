"""What Kafka can do to a reader or a writer, and which of librdkafka's error codes say so."""

from confluent_kafka import KafkaError

from litopys.errors import Halted, Malformed

# What passes by itself: the client reconnects, asks for the leader again and goes on where it was.
PASSING = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._RESOLVE,
        KafkaError._TIMED_OUT,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_TOPIC_ID,
    }
)
BROKEN = frozenset({KafkaError._BAD_MSG, KafkaError._BAD_COMPRESSION, KafkaError.INVALID_MSG})
AUTO_OFFSET_RESET = KafkaError._AUTO_OFFSET_RESET
TOO_LARGE = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD})


class OffsetGap(Halted):
    """A record is not the one that follows the last: offsets of our topics have no gaps."""


class RecordBroken(Halted):
    """Kafka hands out bytes whose checksum or packing does not hold."""


class RecordsGone(Halted):
    """Kafka no longer has the record at our position (retention, deletion): catch up from a peer."""


class RecordsLost(Halted):
    """Kafka ends before our position: it has lost what we have read."""


class RecordTooLarge(Malformed):
    """Kafka does not take a record of this size, today or ever."""
