package dev.evenkeel.lb.examples.registries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** An attached client that calls a service all the time, over a pool that follows a registry: no call may fail. */
final class Traffic implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(90);

    private final LoadBalancer pool;
    private final OkHttpClient client;
    private final AtomicLong calls = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<Thread> callers = new ArrayList<>();
    private volatile boolean closed;

    Traffic(BackendDiscovery source) {
        pool = LoadBalancers.builder("users")
                .strategy(Strategies.roundRobin())
                .discovery(source)
                .initialDiscoveryTimeout(LONG)
                .listener(event -> {
                    if (event instanceof DiscoveryFailed failed) {
                        errors.add(String.valueOf(failed.cause().getMessage()));
                    }
                })
                .build();
        client = LoadBalancing.attach(new OkHttpClient(), pool);
        for (int i = 0; i < 2; i++) {
            Thread caller = new Thread(this::call, "caller");
            callers.add(caller);
            caller.start();
        }
    }

    private void call() {
        Request request = new Request.Builder().url("http://users/").build();
        while (!closed) {
            try (Response response = client.newCall(request).execute()) {
                if (!response.isSuccessful()) {
                    failures.add("status " + response.code());
                }
            } catch (IOException e) {
                failures.add(e.toString());
            }
            calls.incrementAndGet();
        }
    }

    /** The pool has these, and each of them is called. */
    void awaitReplicas(Replicas replicas, int... numbers) {
        List<String> expected =
                IntStream.of(numbers).mapToObj(replicas::address).sorted().toList();
        await().atMost(LONG).untilAsserted(() -> assertThat(list()).isEqualTo(expected));
        for (int number : numbers) {
            long before = replicas.requests(number);
            await().atMost(LONG).until(() -> replicas.requests(number) > before);
        }
    }

    /** Nothing but these is called, and nothing else happens, in so many calls. */
    void stays(Replicas replicas, int calls, int... numbers) {
        List<String> expected =
                IntStream.of(numbers).mapToObj(replicas::address).sorted().toList();
        long until = this.calls.get() + calls;
        await().atMost(LONG).until(() -> this.calls.get() >= until);
        assertThat(list()).isEqualTo(expected);
    }

    int weight(String id) {
        return pool.snapshot().backends().stream()
                .map(status -> status.backend())
                .filter(backend -> backend.id().equals(id))
                .findFirst()
                .orElseThrow()
                .weight();
    }

    private List<String> list() {
        return pool.snapshot().backends().stream()
                .map(status -> status.backend().id())
                .sorted()
                .toList();
    }

    void awaitError(String part) {
        await().atMost(LONG).untilAsserted(() -> assertThat(errors).anyMatch(error -> error.contains(part)));
    }

    int errors() {
        return errors.size();
    }

    String summary() {
        return calls + " calls, " + failures.size() + " failed, " + errors.size() + " errors of discovery";
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (Thread caller : callers) {
            caller.join();
        }
        pool.close();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        System.out.println(summary());
        assertThat(failures).as("calls that failed").isEmpty();
    }
}
