package dev.evenkeel.lb;

/** Result of {@link LoadBalancer#acquire}: a {@link Lease} on a backend, or {@link Unavailable}. */
public sealed interface PickResult permits Lease, Unavailable {}
