package dev.evenkeel.lb.examples.quickstart;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Three servers of different speed, an ordinary client, and a bad day: not one call may fail. */
final class Demo {
    private static final Duration DRAIN_DEADLINE = Duration.ofSeconds(10);

    private Demo() {}

    static int run(Options options, Board board) throws IOException, InterruptedException {
        try (Replica fast = new Replica("fast", Duration.ofMillis(5));
                Replica medium = new Replica("medium", Duration.ofMillis(10));
                Replica slow = new Replica("slow", Duration.ofMillis(40));
                Replica fresh = new Replica("fresh", Duration.ofMillis(10));
                LoadBalancer users = LoadBalancers.builder("users")
                        .backends(List.of(backend(fast), backend(medium), backend(slow)))
                        .healthCheck(HealthCheckPolicy.of(HealthChecks.tcp()).withInterval(Duration.ofMillis(500)))
                        .build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
            Request request = new Request.Builder().url("http://users/api/42").build();
            Tally tally = new Tally();
            Traffic traffic = Traffic.start(client, request, Demo::fault, tally, options.concurrency(), Long.MAX_VALUE);
            Run run = new Run(board, tally, traffic, List.of(users));
            try {
                Duration tenth = options.duration().dividedBy(10);

                run.showUntil(tenth.multipliedBy(2));
                int reset = medium.kill();
                board.event("KILLED medium: port closed, " + reset + " connections reset");

                run.showUntil(tenth.multipliedBy(4));
                medium.restart();
                board.event("RESTARTED medium on its old port");

                run.showUntil(tenth.multipliedBy(6));
                users.registry().add(backend(fresh));
                board.event("ADDED fresh at " + fresh.address());

                run.showUntil(tenth.multipliedBy(8));
                board.event("DRAINING fast");
                DrainReport drained = users.registry()
                        .drain("fast", DRAIN_DEADLINE)
                        .toCompletableFuture()
                        .join();
                fast.kill();
                board.event("DRAINED fast in " + drained.took().toMillis() + " ms with " + drained.remaining()
                        + " calls left, and stopped it");

                run.showUntil(options.duration());
                return run.end();
            } finally {
                traffic.stop();
                client.connectionPool().evictAll();
            }
        }
    }

    private static Backend backend(Replica replica) {
        return Backend.builder("http://" + replica.address()).id(replica.name()).build();
    }

    /** Whether the pool's idea of who answered is the server's own. */
    private static @Nullable String fault(Response response, String backend) {
        String name = response.header(Replica.NAME_HEADER);
        return backend.equals(name) ? null : "sent to " + backend + ", answered by " + name;
    }
}
