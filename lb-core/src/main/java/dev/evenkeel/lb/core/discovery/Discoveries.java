package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Sources that are fixed, or combined from other sources. Each may be used by several pools. */
public final class Discoveries {
    private static final Duration FIRST_WORD = Duration.ofSeconds(1);

    private Discoveries() {}

    /**
     * A list that never changes, as a part of {@link #union} or {@link #failover}. A pool with nothing else needs no
     * discovery: its builder takes backends.
     *
     * @param backends distinct ids
     * @return delivers the list once
     */
    public static BackendDiscovery fixed(Collection<Backend> backends) {
        List<Backend> list = List.copyOf(backends);
        return receiver -> {
            receiver.backends(list);
            return () -> {};
        };
    }

    /**
     * A list that never changes.
     *
     * @param uris such as {@code http://10.0.0.1:8080}
     * @return delivers the list once
     * @throws IllegalArgumentException if one is not the URI of a backend
     */
    public static BackendDiscovery fixed(String... uris) {
        return fixed(List.of(uris).stream().map(Backend::of).toList());
    }

    /**
     * The combined lists of several sources. Of two backends with the same id, the one of the earlier source counts.
     *
     * <p>Each source keeps its own last good list: after an error, and after an empty list unless the pool honours
     * empty lists. The first list is delivered when every source has delivered a list or an error, but after 1 s in any
     * case; backends of a slower source are added later.
     *
     * @param sources at least one, in descending precedence
     * @return delivers every change of any of them; passes their errors on
     */
    public static BackendDiscovery union(BackendDiscovery... sources) {
        return new CompositeDiscovery("union", List.of(sources), FIRST_WORD, new CombinationRule.Union());
    }

    /**
     * The list of the first source that works. All sources are watched from the start, so that a fall-back list is
     * available when it is needed.
     *
     * <p>A source has failed when its latest result has been an error for {@code failureTimeout}, or an empty list that the
     * pool does not honour. Before that, and while no later source has a list, its last good list stays in force. At
     * the start a source is skipped at once after an error, and after {@code failureTimeout} without a result. An earlier
     * source that works again takes over at once.
     *
     * @param failureTimeout 0 to 1 h
     * @param sources at least one, the preferred first
     * @return delivers the list of the active source; passes the errors of all on
     */
    public static BackendDiscovery failover(Duration failureTimeout, BackendDiscovery... sources) {
        if (failureTimeout.isNegative() || failureTimeout.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("failover failureTimeout must be PT0S to PT1H: " + failureTimeout);
        }
        return new CompositeDiscovery("failover", List.of(sources), failureTimeout, new CombinationRule.Failover());
    }

    /**
     * A source without the backends on loopback and link-local addresses (127.0.0.0/8, ::1, 169.254.0.0/16, fe80::/10,
     * {@code localhost} and names under it, numbers that stand for an IPv4 address). A registry that others write to
     * cannot send calls to services of this machine with it. Names are not looked up.
     *
     * <p>What is left out is told as an event when it changes. A list of nothing else is an error, and the last good one
     * stays.
     *
     * @param source any source
     * @return delivers the remaining backends of each list
     */
    public static BackendDiscovery remoteOnly(BackendDiscovery source) {
        return new RemoteOnlyDiscovery(source);
    }

    /**
     * A part of a large fleet for each client, so that a thousand clients do not hold connections to a thousand
     * backends each. The subset is a function of the client id and the backends' ids: clients need not know of each
     * other, the order of the list has no effect, and when a backend leaves, only clients that had it change, each by
     * one backend.
     *
     * <p>{@code size} backends of each tier are selected by rendezvous hashing, as in gRPC's random subsetting (gRFC
     * A68); weights have no effect on the selection, since they share the traffic inside the subset. The number of
     * clients per backend varies randomly: with 1,000 clients of 20 out of 1,000 the busiest backend has about 1.8
     * times the average.
     *
     * <p>While backends of the subset are out (down, draining, in maintenance, ejected, resting, or their breaker is
     * open), the next ones by the same order join, at most {@code size} more; they leave again when those are back. So a
     * client whose whole subset is down goes on with others of the fleet, and a backend that is out changes only the
     * clients that have it, each by one backend. What is out still counts in its tier, for panic and spill-over.
     *
     * @param source the whole fleet
     * @param size backends of a tier, 1 to 100,000; a smaller tier is used whole
     * @param clientId the id of this client, not blank: the same after a restart and different in every instance, such
     *     as a host name and port
     * @return delivers this client's subset of each list
     */
    public static BackendDiscovery subset(BackendDiscovery source, int size, String clientId) {
        return subset(source, size, clientId, size);
    }

    /**
     * As {@link #subset(BackendDiscovery, int, String)}, with a bound on replacements.
     *
     * @param source the whole fleet
     * @param size backends of a tier, 1 to 100,000; a smaller tier is used whole
     * @param clientId the id of this client, not blank: the same after a restart and different in every instance
     * @param maxRefill at most so many further backends of a tier while backends of the subset are out, 0 to 100,000; 0
     *     replaces none
     * @return delivers this client's subset of each list, and again when the backends that are out change
     */
    public static BackendDiscovery subset(BackendDiscovery source, int size, String clientId, int maxRefill) {
        return new SubsetDiscovery(source, new RendezvousSubsetter(size, clientId, maxRefill));
    }
}
