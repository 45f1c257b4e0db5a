package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Sources that are fixed, or made of other sources. Each may be given to several pools. */
public final class Discoveries {
    private static final Duration FIRST_WORD = Duration.ofSeconds(1);

    private Discoveries() {}

    /**
     * A list that never changes, as a part of {@link #union} or {@link #failover}. A pool with nothing else needs no
     * discovery: its builder takes backends.
     *
     * @param backends distinct ids
     * @return tells the list once
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
     * @return tells the list once
     * @throws IllegalArgumentException if one is not the URI of a backend
     */
    public static BackendDiscovery fixed(String... uris) {
        return fixed(List.of(uris).stream().map(Backend::of).toList());
    }

    /**
     * The lists of several sources as one. Of two backends with one id, the one of the earlier source counts.
     *
     * <p>Each source keeps its own last good list: after an error, and after an empty list unless the pool honours
     * those. The first list is told when every source has said something, a list or an error, but after 1 s in any
     * case: what is known by then is better than nothing, and what a slow source brings later is added.
     *
     * @param sources at least one, those of higher precedence first
     * @return tells every change of any of them; passes their errors on
     */
    public static BackendDiscovery union(BackendDiscovery... sources) {
        return new CompositeDiscovery("union", List.of(sources), FIRST_WORD, new CompositeDiscovery.Union());
    }

    /**
     * The list of the first source that works. All of them are watched from the start, so that a stand-in's list is at
     * hand when it is needed.
     *
     * <p>A source has failed when its last word has been an error for {@code patience}, or an empty list that the pool
     * does not honour; before that, and while no later source has a list, its last good list stays in force. At the
     * start a source that says an error is passed over at once, and one that says nothing after {@code patience}. An
     * earlier source that works again takes over at once.
     *
     * @param patience 0 to 1 h
     * @param sources at least one, the preferred first
     * @return tells the list of the source in charge; passes the errors of all on
     */
    public static BackendDiscovery failover(Duration patience, BackendDiscovery... sources) {
        if (patience.isNegative() || patience.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("failover patience must be PT0S to PT1H: " + patience);
        }
        return new CompositeDiscovery("failover", List.of(sources), patience, new CompositeDiscovery.Failover());
    }

    /**
     * A part of a large fleet for each client, so that a thousand clients do not hold connections to a thousand
     * backends each. The subset is a function of the ids and the list's members alone: clients need not know of each
     * other, the order of the list has no effect, and when a backend goes only the clients that had it change, each in
     * that one place.
     *
     * <p>{@code size} backends are taken of each tier by rendezvous hashing, as gRPC's random subsetting does (gRFC
     * A68); weights have no say in it, since they share the traffic inside the subset. The number of clients at a
     * backend varies as chance has it: with 1,000 clients of 20 out of 1,000 the busiest backend has about 1.8 times
     * the average.
     *
     * @param source the whole fleet
     * @param size backends of a tier, 1 to 100,000; a tier that has no more is taken whole
     * @param clientId who this client is, not blank: the same after a restart and another in every instance, such as a
     *     host name and port
     * @return tells this client's subset of each list
     */
    public static BackendDiscovery subset(BackendDiscovery source, int size, String clientId) {
        RendezvousSubsetter subset = new RendezvousSubsetter(size, clientId);
        return receiver -> source.start(new ForwardingReceiver(receiver) {
            @Override
            public void backends(List<Backend> backends) {
                receiver.backends(subset.of(backends));
            }

            @Override
            public void error(Throwable cause) {
                receiver.error(cause);
            }
        });
    }
}
