package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.consul.ConsulSession;
import dev.evenkeel.lb.okhttp.internal.discovery.etcd.EtcdSession;
import dev.evenkeel.lb.okhttp.internal.discovery.eureka.EurekaApplications;
import dev.evenkeel.lb.okhttp.internal.discovery.eureka.EurekaInstanceReader;
import dev.evenkeel.lb.okhttp.internal.discovery.eureka.EurekaSession;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.EndpointSliceParser;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.KubernetesCredentials;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.KubernetesSession;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.ReadyEndpoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Answers of registries with bytes that are changed, taken away, doubled or put in, on the whole way from the response's
 * body to the list: each round ends in a list or a typed error, in bounded memory.
 */
class RegistryMutationsTest {
    private static final long SEED = 20_261_130;
    private static final String SERVER = "http://registry.invalid";
    /** What one round may allocate; the answers have some hundred bytes. */
    private static final long MAX_ALLOCATED = 8L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Duration WATCH = Duration.ofMinutes(1);

    /** What breaks parsers. */
    private static final List<String> BITS = List.of(
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            "null",
            "true",
            "-1",
            "0",
            "70000",
            "1e999",
            "1e-999999999",
            "123456789012345678901234567890",
            "\"\"",
            "\"\\r\\nX-Evil: 1\"",
            "\"\\u0000\"",
            "\"0.0.0.0\"",
            "\"[::]\"",
            "\"\uD800\"",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
            "\n",
            "\n\n\n",
            "{\"a\":{\"a\":{\"a\":{\"a\":",
            "\"a@b/c?d#e\"");

    private final AtomicLong nanos = new AtomicLong();
    private int lists;
    private int rounds;
    private int errors;
    private long mostAllocated;

    /** A source, and what it is answered before that is spoilt. */
    enum Source {
        CONSUL {
            @Override
            RegistrySession session(RegistryClient client) {
                return new ConsulSession(
                        client, servers(), "users", Map.of(), null, "", "zone", WATCH, Duration.ofMillis(200));
            }

            @Override
            String answer(Request request) {
                return "[" + consul("10.0.0.1", "[]") + "," + consul("10.0.0.2", "[\"secure=true\"]") + "]";
            }
        },
        EUREKA {
            @Override
            RegistrySession session(RegistryClient client) {
                EurekaInstanceReader reader = new EurekaInstanceReader(false, false, "weight");
                return new EurekaSession(
                        client, servers(), "USERS", true, () -> new EurekaApplications("USERS", reader), WATCH);
            }

            @Override
            String answer(Request request) {
                boolean delta = request.url().encodedPath().endsWith("delta");
                return "{\"applications\":{\"versions__delta\":\"1\",\"apps__hashcode\":\"UP_2_\",\"application\":["
                        + "{\"name\":\"USERS\",\"instance\":["
                        + (delta ? "" : eureka("a", "10.0.0.1") + ",") + eureka("b", "10.0.0.2") + "]}]}}";
            }
        },
        ETCD {
            @Override
            RegistrySession session(RegistryClient client) {
                return new EtcdSession(
                        client, servers(), "/users/", "http", false, null, WATCH, RegistryBackoff.DEFAULT);
            }

            @Override
            String answer(Request request) {
                return request.url().encodedPath().endsWith("range")
                        ? "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"7\"},\"kvs\":[" + etcd("a", 5) + ","
                                + etcd("b", 6) + "],\"count\":\"2\"}"
                        : "{\"result\":{\"header\":{\"cluster_id\":\"1\",\"revision\":\"7\"},\"created\":true}}\n"
                                + "{\"result\":{\"header\":{\"cluster_id\":\"1\",\"revision\":\"9\"},\"events\":[{\"kv\":"
                                + etcd("c", 8) + "},{\"type\":\"DELETE\",\"kv\":" + etcd("a", 9) + "}]}}\n";
            }
        },
        KUBERNETES {
            @Override
            RegistrySession session(RegistryClient client) {
                return new KubernetesSession(
                        client,
                        new KubernetesCredentials(null, null, null),
                        HttpUrl.get(SERVER + "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices"),
                        "users",
                        new EndpointSliceParser("", 0, "", "evenkeel.dev/weight"),
                        new ReadyEndpoints(false, ""),
                        WATCH,
                        RegistryBackoff.DEFAULT);
            }

            @Override
            String answer(Request request) {
                return request.url().queryParameter("watch") == null
                        ? "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[" + slice("a", "10.0.0.1", 5) + "]}"
                        : "{\"type\":\"ADDED\",\"object\":" + slice("b", "10.0.0.2", 8) + "}\n"
                                + "{\"type\":\"MODIFIED\",\"object\":" + slice("a", "10.0.0.3", 9) + "}\n"
                                + "{\"type\":\"DELETED\",\"object\":" + slice("b", "10.0.0.2", 10) + "}\n";
            }
        };

        abstract RegistrySession session(RegistryClient client);

        abstract String answer(Request request);

        private static RegistryServers servers() {
            return new RegistryServers(RegistryServers.parse(SERVER));
        }

        private static String consul(String host, String tags) {
            return "{\"Node\":{\"Node\":\"n\",\"Address\":\"10.0.0.9\",\"Meta\":{\"zone\":\"a\"}},\"Service\":{\"ID\":\"u\","
                    + "\"Address\":\"" + host + "\",\"Port\":8080,\"Tags\":" + tags + ",\"Meta\":{\"version\":\"2\"},"
                    + "\"Weights\":{\"Passing\":3,\"Warning\":1}},\"Checks\":[{\"Status\":\"passing\"}]}";
        }

        private static String eureka(String id, String host) {
            return "{\"instanceId\":\"" + id + "\",\"hostName\":\"h\",\"app\":\"USERS\",\"ipAddr\":\"" + host
                    + "\",\"status\":\"UP\",\"port\":{\"$\":8080,\"@enabled\":\"true\"},\"securePort\":{\"$\":443,"
                    + "\"@enabled\":\"false\"},\"metadata\":{\"weight\":\"2\",\"zone\":\"a\"},\"actionType\":\"ADDED\"}";
        }

        private static String etcd(String key, int revision) {
            return "{\"key\":\"" + base64("/users/" + key) + "\",\"mod_revision\":\"" + revision + "\",\"value\":\""
                    + base64("{\"uri\":\"http://10.0.0." + revision + ":8080\",\"weight\":3,\"zone\":\"a\"}") + "\"}";
        }

        private static String base64(String text) {
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        private static String slice(String name, String host, int version) {
            return "{\"metadata\":{\"name\":\"" + name + "\",\"resourceVersion\":\"" + version
                    + "\",\"annotations\":{\"evenkeel.dev/weight\":\"3\"}},\"addressType\":\"IPv4\",\"ports\":[{\"name\":"
                    + "\"http\",\"port\":8080,\"protocol\":\"TCP\"}],\"endpoints\":[{\"addresses\":[\"" + host
                    + "\"],\"conditions\":{\"ready\":true},\"zone\":\"a\",\"hints\":{\"forZones\":[{\"name\":\"a\"}]}}]}";
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(240)
    void mutatedAnswers_areAListOrATypedError(Source source) throws Exception {
        mutate(source, 10_000);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Tag("mutations")
    @Timeout(3_600)
    void aMillionMutatedAnswers_areListsOrTypedErrors(Source source) throws Exception {
        mutate(source, Integer.getInteger("evenkeel.mutations", 1_000_000));
        System.getLogger("dev.evenkeel.lb")
                .log(
                        System.Logger.Level.INFO,
                        "{0}: {1} rounds, {2} lists, {3} errors, at most {4} KiB allocated for a round",
                        source,
                        rounds,
                        lists,
                        errors,
                        mostAllocated >> 10);
    }

    private void mutate(Source source, int answers) throws Exception {
        Spoiler spoiler = new Spoiler(source);
        RegistryClient client = new RegistryClient(
                new OkHttpClient.Builder().addInterceptor(spoiler).build());
        RegistrySession session = source.session(client);
        CompletableFuture<Void> done = new CompletableFuture<>();
        CountDownLatch closed = new CountDownLatch(1);
        RegistryWatch watch = RegistryWatch.start("source", new Pool(), client, RegistryBackoff.DEFAULT, running -> {
            if (spoiler.answers >= answers) {
                done.complete(null);
                await(closed);
                return WATCH;
            }
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                return session.round(running);
            } catch (IOException e) {
                errors++;
                throw e;
            } catch (Throwable e) {
                done.completeExceptionally(new AssertionError("answer " + spoiler.answers + ": " + spoiler.last, e));
                throw e;
            } finally {
                // The first rounds load classes.
                if (rounds++ > 1_000) {
                    mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - before);
                }
            }
        });
        try {
            done.get(3_600, TimeUnit.SECONDS);
        } finally {
            watch.close();
            closed.countDown();
        }
        assertThat(lists).isGreaterThan(answers / 100);
        assertThat(errors).isGreaterThan(answers / 100);
        assertThat(mostAllocated).isLessThan(MAX_ALLOCATED);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers in place of a server, half of the time with a text that is spoilt. */
    private static final class Spoiler implements Interceptor {
        private final SplittableRandom random = new SplittableRandom(SEED);
        private final Source source;
        private int answers;
        private String last = "";

        Spoiler(Source source) {
            this.source = source;
        }

        @Override
        public Response intercept(Chain chain) {
            answers++;
            String text = source.answer(chain.request());
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (random.nextBoolean()) {
                bytes = mutated(bytes);
            }
            last = new String(bytes, StandardCharsets.UTF_8);
            return new Response.Builder()
                    .request(chain.request())
                    .protocol(Protocol.HTTP_1_1)
                    .code(200)
                    .message("OK")
                    .header("X-Consul-Index", String.valueOf(random.nextInt(5) == 0 ? random.nextLong() : 7))
                    .body(ResponseBody.create(bytes, MediaType.get("application/json")))
                    .build();
        }

        private byte[] mutated(byte[] original) {
            byte[] text = original;
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                int from = random.nextInt(text.length);
                int to = Math.min(text.length, from + 1 + random.nextInt(20));
                ByteArrayOutputStream changed = new ByteArrayOutputStream(text.length + 64);
                changed.write(text, 0, from);
                switch (random.nextInt(5)) {
                    case 0 -> changed.write(random.nextInt(256));
                    case 1 -> to = random.nextInt(10) == 0 ? text.length : to;
                    case 2 -> {
                        changed.write(text, from, to - from);
                        changed.write(text, from, to - from);
                    }
                    case 3 ->
                        changed.writeBytes(BITS.get(random.nextInt(BITS.size())).getBytes(StandardCharsets.UTF_8));
                    default -> {
                        int other = random.nextInt(text.length);
                        changed.write(text, other, Math.min(text.length - other, 1 + random.nextInt(30)));
                    }
                }
                changed.write(text, to, text.length - to);
                text = changed.size() == 0 ? original : changed.toByteArray();
            }
            return text;
        }
    }

    /** A pool that counts, with a clock that passes every pause at once. */
    private final class Pool extends HastyReceiver {
        Pool() {
            super(nanos);
        }

        @Override
        public void backends(List<Backend> backends) {
            lists++;
        }

        @Override
        public void error(Throwable cause) {
            assertThat(cause.getMessage())
                    .hasSizeLessThan(1_000)
                    .matches(text -> text.chars().noneMatch(Character::isISOControl), "one line");
        }
    }
}
