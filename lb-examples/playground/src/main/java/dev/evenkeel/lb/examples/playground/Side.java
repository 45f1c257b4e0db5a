package dev.evenkeel.lb.examples.playground;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Clients with a pool of their own each, and the fleet of servers that they call. */
final class Side implements AutoCloseable {
    private static final int MAX_AT_ONCE = 1_000;
    private static final int SHARE_TICKS = 4;
    /** A call that has chosen a client that leaves has begun by then. */
    private static final int LEAVING_TICKS = 2;

    /** One server on one side. Requests are what reached it in the last ticks. */
    record ServerFigures(String name, double share, int inFlight, boolean eligible, String state) {}

    /** One side at one tick. */
    record Figures(
            String strategy,
            int calls,
            int failed,
            @Nullable Double p50,
            @Nullable Double p99,
            long attempts,
            List<ServerFigures> servers) {}

    private final int fleet;
    private final List<Pair> pairs;
    private final ClientPauses pauses;
    private final List<Client> clients = new CopyOnWriteArrayList<>();
    private final List<Leaving> leaving = new ArrayList<>();
    private final Latencies latencies = new Latencies();
    private final Semaphore room = new Semaphore(MAX_AT_ONCE);
    private final List<long[]> counts = new ArrayList<>();

    private volatile PoolSettings settings;

    /** A client that gets no more calls; its last ones go on. */
    private record Leaving(Client client, int ticks) {}

    Side(int fleet, List<Pair> pairs, PoolSettings settings, ClientPauses pauses) {
        this.fleet = fleet;
        this.pairs = pairs;
        this.settings = settings;
        this.pauses = pauses;
        configure(settings);
    }

    PoolSettings settings() {
        return settings;
    }

    /**
     * Takes other settings, and the servers' weights, for the next pick; what is known of the backends stays. A client
     * that is added begins without knowledge.
     */
    synchronized void configure(PoolSettings next) {
        settings = next;
        while (clients.size() > next.clients()) {
            leaving.add(new Leaving(clients.remove(clients.size() - 1), 0));
        }
        clients.forEach(client -> client.configure(next));
        while (clients.size() < next.clients()) {
            clients.add(new Client(fleet, pairs, next, pauses));
        }
    }

    /** Closes the clients whose last calls have ended. */
    private synchronized void closeLeaving() {
        for (ListIterator<Leaving> each = leaving.listIterator(); each.hasNext(); ) {
            Leaving next = each.next();
            if (next.ticks >= LEAVING_TICKS && next.client.snapshot().inFlight() == 0) {
                next.client.close();
                each.remove();
            } else {
                each.set(new Leaving(next.client, next.ticks + 1));
            }
        }
    }

    /** One call; its latency counts from when it was due. */
    void call(int user, long dueNanos) {
        boolean fits = room.tryAcquire();
        boolean succeeds = false;
        try {
            succeeds = fits && succeeds(user);
        } finally {
            if (fits) {
                room.release();
            }
            latencies.add(System.nanoTime() - dueNanos, !succeeds);
        }
    }

    /** A client at random makes the call. */
    private boolean succeeds(int user) {
        Object[] all = clients.toArray(); // Of one moment.
        return ((Client) all[ThreadLocalRandom.current().nextInt(all.length)]).succeeds(user);
    }

    /** What happened since the last tick. For one thread. */
    Figures tick() {
        Latencies.Summary summary = latencies.tick();
        closeLeaving();
        List<PoolSnapshot> snapshots = clients.stream().map(Client::snapshot).toList();
        long[] now =
                pairs.stream().mapToLong(pair -> pair.server(fleet).requests()).toArray();
        counts.add(now);
        if (counts.size() > SHARE_TICKS) {
            counts.remove(0);
        }
        long[] before = counts.get(0);
        long all = 0;
        for (int i = 0; i < now.length; i++) {
            all += now[i] - before[i];
        }
        List<ServerFigures> servers = new ArrayList<>();
        for (int i = 0; i < now.length; i++) {
            double share = all == 0 ? 0 : (now[i] - before[i]) / (double) all;
            servers.add(figures(pairs.get(i).name(), Math.round(share * 1e4) / 1e4, snapshots));
        }
        return new Figures(
                settings.strategy(), summary.ended(), summary.failed(), summary.p50(), summary.p99(), all, servers);
    }

    private static ServerFigures figures(String server, double share, List<PoolSnapshot> snapshots) {
        int inFlight = 0;
        int eligible = 0;
        String out = "";
        for (PoolSnapshot snapshot : snapshots) {
            BackendStatus status = snapshot.backend(server);
            inFlight += status.inFlight();
            if (status.isEligible()) {
                eligible++;
            } else {
                out = status.explanation();
            }
        }
        boolean isUsed = 2 * eligible > snapshots.size();
        String state = isUsed ? "in use" : out;
        boolean agree = eligible == 0 || eligible == snapshots.size();
        return new ServerFigures(
                server,
                share,
                inFlight,
                isUsed,
                agree ? state : state + " (in use by " + eligible + " of " + snapshots.size() + " clients)");
    }

    @Override
    public synchronized void close() {
        clients.forEach(Client::close);
        leaving.forEach(each -> each.client.close());
    }
}
