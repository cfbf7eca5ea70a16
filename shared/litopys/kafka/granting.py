"""The rules of `permissions` brought to a cluster that no operator of Kubernetes looks after."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclBindingFilter, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from litopys.errors import Unavailable
from litopys.kafka.permissions import Permission, Resource
from litopys.kafka.settings import admin_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litopys.kafka.address import KafkaAddress

TIMEOUT_S = 30.0
_KINDS = {
    Resource.CLUSTER: ResourceType.BROKER,  # librdkafka's word for it
    Resource.GROUP: ResourceType.GROUP,
    Resource.TOPIC: ResourceType.TOPIC,
}


async def grant_permissions(kafka: KafkaAddress, rules: Sequence[Permission]) -> list[str]:
    """Make the rules; those that are there already stay. Answers what the cluster allows these principals beyond them.

    Nothing is ever taken away here: that is a decision of people. Raises Unavailable where Kafka does not answer, or
    does not let us: it takes a super user of the cluster.
    """
    return await asyncio.to_thread(_grant, kafka, rules)


def _grant(kafka: KafkaAddress, rules: Sequence[Permission]) -> list[str]:
    admin = AdminClient(admin_settings(kafka, "litopys-permissions"))
    bindings = {_binding(rule) for rule in rules}
    try:
        for made in admin.create_acls(list(bindings), request_timeout=TIMEOUT_S).values():
            made.result(TIMEOUT_S)
        there = [one for rule in {rule.principal for rule in rules} for one in _there(admin, rule)]
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap}: {error}") from error
    except TimeoutError as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} does not answer in time") from error
    return sorted(_told(one) for one in there if one not in bindings)


def _binding(rule: Permission) -> AclBinding:
    return AclBinding(
        _KINDS[rule.resource],
        rule.name,
        ResourcePatternType[rule.pattern.value],
        f"User:{rule.principal}",
        "*",
        AclOperation[rule.operation.value],
        AclPermissionType.ALLOW,
    )


def _there(admin: AdminClient, principal: str) -> Iterable[AclBinding]:
    any_of_it = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]  # any name
        ResourcePatternType.ANY,
        f"User:{principal}",
        None,  # type: ignore[arg-type]  # any host
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found: Iterable[AclBinding] = admin.describe_acls(any_of_it, request_timeout=TIMEOUT_S).result(TIMEOUT_S)
    return found


def _told(one: AclBinding) -> str:
    kind, done = ResourceType(one.restype), AclOperation(one.operation)
    return f"{one.principal}: {AclPermissionType(one.permission_type).name} {done.name} on {kind.name} {one.name}"
