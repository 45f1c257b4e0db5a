package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/** Drains, stops, starts and undrains one server after the other, under GETs, streams and POSTs. */
final class RollingRestart {
    /** Of a hundred calls so many are streams, and so many of the rest orders: POSTs that must not come twice. */
    private static final int STREAMS_PERCENT = 4;

    private static final int ORDERS_PERCENT = 40;

    /**
     * What it came to.
     *
     * @param calls made
     * @param streams of them, each of seconds
     * @param orders of them, each with an id of its own
     * @param failures why calls failed
     * @param left calls that drains left over
     * @param served orders that the servers' logs have
     * @param twice ids of orders that they have more than once
     * @param lost ids of orders that they do not have
     */
    record Result(
            long calls,
            long streams,
            long orders,
            List<String> failures,
            int left,
            long served,
            List<String> twice,
            List<String> lost) {

        String text() {
            return String.format(
                    Locale.ROOT,
                    "rolling restart of %d servers: %d calls, %d of them streams and %d POSTs%n"
                            + "failed: %d %s%nleft by drains: %d%nPOSTs in the servers' logs: %d, twice: %d, lost: %d%n",
                    Fleet.SERVERS,
                    calls,
                    streams,
                    orders,
                    failures.size(),
                    failures.stream().limit(3).toList(),
                    left,
                    served,
                    twice.size(),
                    lost.size());
        }
    }

    private RollingRestart() {}

    /**
     * Runs.
     *
     * @param plan how to check
     * @param perSecond calls
     * @param drainDeadline longer than a stream
     */
    static Result run(Fleet fleet, Plan plan, int perSecond, Duration drainDeadline) {
        OkHttpClient plain = new OkHttpClient();
        int left = 0;
        try (LoadBalancer pool = FaultTable.pool(fleet, plain, plan)) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .retries(RetryPolicy.builder()
                            .attemptTimeout(Duration.ofSeconds(5))
                            .build())
                    .attach(plain);
            FaultTable.awaitUp(pool);
            Traffic traffic = Traffic.start(client, perSecond, RollingRestart::request);
            try (traffic) {
                FaultTable.pause(Duration.ofSeconds(1));
                for (NginxServer server : fleet.servers()) {
                    DrainReport report = pool.registry()
                            .drain(server.id(), drainDeadline)
                            .toCompletableFuture()
                            .join();
                    left += report.remaining();
                    server.quit();
                    server.start();
                    pool.registry().activate(server.id());
                    FaultTable.pause(Duration.ofMillis(500));
                }
            }
            client.connectionPool().evictAll();
            return result(fleet, traffic.ended(), left);
        } finally {
            plain.dispatcher().executorService().shutdown();
        }
    }

    private static Request request(long number) {
        long turn = number * 37 % 100; // well mixed, and the same each time
        if (turn < STREAMS_PERCENT) {
            return new Request.Builder().url("http://fleet/stream").build();
        } else if (turn < STREAMS_PERCENT + ORDERS_PERCENT) {
            return new Request.Builder()
                    .url("http://fleet/order?id=" + number)
                    .post(RequestBody.create(new byte[100]))
                    .build();
        }
        return new Request.Builder().url("http://fleet/").build();
    }

    private static Result result(Fleet fleet, List<Traffic.Ended> ended, int left) {
        Map<String, Integer> served = new HashMap<>();
        for (NginxServer server : fleet.servers()) {
            for (String line : server.log()) {
                if (line.startsWith("POST /order ")) {
                    served.merge(line.split(" ", -1)[2], 1, Integer::sum);
                }
            }
        }
        List<String> orders = new ArrayList<>();
        for (Traffic.Ended call : ended) {
            String id = call.request().url().queryParameter("id");
            if (id != null) {
                orders.add(id);
            }
        }
        return new Result(
                ended.size(),
                ended.stream()
                        .filter(call -> call.request().url().encodedPath().equals("/stream"))
                        .count(),
                orders.size(),
                ended.stream()
                        .filter(call -> call.failure() != null)
                        .map(call -> call.request().method() + " " + call.failure())
                        .toList(),
                left,
                served.size(),
                served.entrySet().stream()
                        .filter(one -> one.getValue() > 1)
                        .map(Map.Entry::getKey)
                        .toList(),
                orders.stream().filter(id -> !served.containsKey(id)).toList());
    }
}
