"""All checks of a deployment by their names."""

from collections.abc import Callable, Iterator

from tests.infra.deployed import alike, places, rights, services, watched
from tests.support.stack import Applied

Check = Callable[[Applied], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    alike.topics_are_those_of_the_local_cloud,
    alike.subscriptions_are_those_of_the_local_cloud,
    alike.queues_are_those_of_the_local_cloud,
    alike.accounts_are_those_of_the_local_cloud,
    places.everything_is_in_one_region,
    places.buckets_are_private,
    places.deleted_people_are_gone,
    places.lifetimes_are_those_of_the_topology,
    places.landings_are_told_of,
    places.the_audit_has_a_column_for_every_field,
    places.the_service_of_every_kind_is_switched_on,
    rights.nothing_is_granted_that_is_not_written,
    rights.nobody_has_a_broad_role,
    rights.nothing_is_public,
    rights.grants_leave_those_of_others,
    rights.only_the_uploader_reads_secrets,
    rights.no_secret_is_in_the_state,
    rights.what_pubsub_gives_up_arrives,
    services.every_service_is_deployed_from_its_content,
    services.sizes_and_times_are_those_of_the_topology,
    services.services_are_told_what_their_settings_read,
    services.services_are_told_what_those_of_the_local_cloud_are,
    services.callers_are_let_in_and_nobody_else,
    services.the_sweep_is_called_on_time,
    services.the_profile_is_what_the_command_reads,
    watched.metrics_hear_what_services_say,
    watched.metrics_describe_their_labels,
    watched.alerts_look_at_metrics_that_there_are,
    watched.every_alert_is_there_and_says_what_to_do,
    watched.thresholds_are_those_of_the_topology,
    watched.the_dashboard_shows_metrics_that_there_are,
)


def complaints(applied: Applied) -> dict[str, list[str]]:
    """By the check's name; only those that complain."""
    found = {check.__name__: list(check(applied)) for check in CHECKS}
    return {name: each for name, each in found.items() if each}
