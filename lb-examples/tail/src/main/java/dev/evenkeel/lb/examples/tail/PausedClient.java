package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.trace.CallTrace.AttemptTrace;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The process that {@link ClientPauses} stops: makes open-loop calls to a pool with the defaults, and writes a line for each.
 *
 * <p>Arguments: calls a second, seconds, and the servers' URIs.
 */
final class PausedClient {
    /** What it writes when it begins. */
    static final String READY = "ready";

    private static final long SEED = 7;

    private PausedClient() {}

    /**
     * A call that was answered.
     *
     * @param beganNanos by {@link System#nanoTime}, which all processes of a Linux machine share
     * @param backend the URI of the backend that answered
     */
    record Call(long beganNanos, String backend) {
        static Call parse(String line) {
            String[] fields = line.split(" ", -1);
            return new Call(Long.parseLong(fields[0]), fields[1]);
        }

        String line() {
            return beganNanos + " " + backend;
        }
    }

    public static void main(String[] args) throws Exception {
        double perSecond = Double.parseDouble(args[0]);
        Duration duration = Duration.ofSeconds(Long.parseLong(args[1]));
        List<Backend> backends = Arrays.stream(args).skip(2).map(Backend::of).toList();
        Queue<Call> calls = new ConcurrentLinkedQueue<>();
        OpenLoop.Window window = new OpenLoop.Window(ClientPauses.WARM_UP, duration);
        OpenLoop.Result result;
        try (LoadBalancer pool =
                LoadBalancers.builder("users").backends(backends).build()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            Request request = new Request.Builder().url("http://users/").build();
            System.out.println(READY);
            result = OpenLoop.run(perSecond, duration, SEED, () -> call(client, request, calls), window);
            client.connectionPool().evictAll();
        }
        System.out.println(result.failed() + " " + window.latency().getValueAtPercentile(99.9));
        calls.forEach(call -> System.out.println(call.line()));
    }

    private static boolean call(OkHttpClient client, Request request, Queue<Call> calls) {
        long beganNanos = System.nanoTime();
        try (Response response = client.newCall(request).execute()) {
            List<AttemptTrace> attempts =
                    LoadBalancing.trace(response).orElseThrow().attempts();
            calls.add(new Call(
                    beganNanos,
                    attempts.get(attempts.size() - 1).backend().uri().toString()));
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }
}
