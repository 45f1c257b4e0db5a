package dev.evenkeel.lb;

/** What {@link LoadBalancer#acquire} came to: a {@link Lease} on a backend, or {@link Unavailable}. */
public sealed interface PickResult permits Lease, Unavailable {}
