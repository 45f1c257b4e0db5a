package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.assignment;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.healthy;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.locality;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.HastyReceiver;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Streams of a control plane whose frames are cut, doubled, in another order, of another type, of a length that is not
 * theirs, or mixed with garbage. Each stream ends, with a typed error or none, in bounded memory; and no list is published
 * but those that the control plane has sent whole.
 */
class MutatedStreamsTest {
    private static final long SEED = 20_261_130;
    /** What one stream may allocate. */
    private static final long MAX_ALLOCATED = 4L << 20;

    private static final List<ProtoWriter> ENDPOINTS =
            List.of(healthy("10.0.0.1", 80, 1, Map.of("a", "b")), healthy("10.0.0.2", 80, 3, Map.of()));
    private static final Set<List<String>> KNOWN =
            Set.of(List.of("10.0.0.1:80"), List.of("10.0.0.2:80"), List.of("10.0.0.1:80", "10.0.0.2:80"));
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final AtomicLong nanos = new AtomicLong();
    private final Set<List<String>> lists = Collections.synchronizedSet(new HashSet<>());
    private volatile List<String> last = List.of();
    private int ended;
    private int refused;
    private int cut;
    private long mostAllocated;
    private int largest;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(120)
    void mutatedStreams_endWithTypedErrors_andTheListStays(boolean delta) throws Exception {
        mutate(50_000, delta);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("long")
    @Tag("mutations")
    @Timeout(1_800)
    void aMillionMutatedStreams_endWithTypedErrors_andTheListStays(boolean delta) throws Exception {
        mutate(Integer.getInteger("evenkeel.mutations", 1_000_000) / 2, delta);
        System.getLogger("dev.evenkeel.lb")
                .log(
                        System.Logger.Level.INFO,
                        "{0} streams ended, {1} refused, {2} cut, at most {3} KiB allocated for one",
                        ended,
                        refused,
                        cut,
                        mostAllocated >> 10);
    }

    private void mutate(int streams, boolean delta) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        CountDownLatch closed = new CountDownLatch(1);
        RegistryClient client = new RegistryClient(new OkHttpClient());
        RegistryWatch watch = RegistryWatch.start("xDS", new Pool(), client, RegistryBackoff.DEFAULT, running -> {
            try {
                SplittableRandom random = new SplittableRandom(SEED);
                stream(running, client, delta, framed(answer(0, delta)), -1);
                for (int i = 0; i < streams; i++) {
                    long before = THREADS.getCurrentThreadAllocatedBytes();
                    stream(running, client, delta, mutated(random, delta), i);
                    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
                    // The first streams load classes.
                    if (i > 1_000 && allocated > mostAllocated) {
                        mostAllocated = allocated;
                        largest = i;
                    }
                    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
                }
                stream(running, client, delta, framed(answer(2, delta)), streams);
                done.complete(null);
                closed.await();
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
            return Duration.ofHours(1);
        });
        try {
            done.get(1_800, TimeUnit.SECONDS);
        } finally {
            watch.close();
            closed.countDown();
        }
        assertThat(last).containsExactly("10.0.0.1:80", "10.0.0.2:80");
        assertThat(KNOWN).containsAll(lists);
        assertThat(ended).isGreaterThan(streams / 20);
        assertThat(refused).isGreaterThan(streams / 20);
        assertThat(cut).isGreaterThan(streams / 20);
        assertThat(mostAllocated).as("bytes for stream " + largest).isLessThan(MAX_ALLOCATED);
    }

    private void stream(RegistryWatch watch, RegistryClient client, boolean delta, Buffer body, int number)
            throws IOException {
        XdsNode node = new XdsNode("me", "", "", "", "", RegistryJson.newObject());
        XdsStream stream = new XdsStream(
                new XdsSubscription(node, "users", false, delta),
                new LoadAssignmentMapper("http", false),
                watch,
                client.secrets(),
                new AnswerTimeout(Duration.ofMinutes(1), () -> {}));
        ByteString sent = body.snapshot();
        try (Response response = response(body)) {
            stream.requestBody().writeTo(new Buffer());
            stream.read(response, body);
            ended++;
        } catch (MalformedAnswerException | GrpcStatusException e) {
            refused++;
        } catch (EOFException e) {
            cut++;
        } catch (Throwable e) {
            throw new AssertionError("stream " + number + ": " + sent.hex(), e);
        } finally {
            stream.end();
        }
    }

    private static Response response(Buffer body) {
        return new Response.Builder()
                .request(new Request.Builder().url("http://xds/").build())
                .protocol(Protocol.HTTP_2)
                .code(200)
                .message("")
                .body(ResponseBody.create(body, MediaType.get("application/grpc"), body.size()))
                .header("Content-Type", "application/grpc")
                .header("grpc-status", "0")
                .build();
    }

    // Frames.

    /** A list of one endpoint, of the other one, or of both. */
    private static ByteString answer(int list, boolean delta) {
        ProtoWriter assignment = list == 2
                ? assignment("users", locality(ENDPOINTS.get(0)), locality(ENDPOINTS.get(1)))
                : assignment("users", locality(ENDPOINTS.get(list)));
        return answer(XdsMessages.ENDPOINTS, assignment.bytes(), delta);
    }

    private static ByteString answer(String type, ByteString resource, boolean delta) {
        return delta ? XdsMessages.delta(type, "n", "users", resource) : XdsMessages.answer(type, "1", "n", resource);
    }

    private static Buffer framed(ByteString message) {
        return new Buffer().writeByte(0).writeInt(message.size()).write(message);
    }

    private static Buffer mutated(SplittableRandom random, boolean delta) {
        List<ByteString> frames = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            frames.add(framed(answer(random.nextInt(3), delta)).readByteString());
        }
        for (int changes = random.nextInt(3); changes >= 0; changes--) {
            change(frames, random, delta);
        }
        Buffer whole = new Buffer();
        frames.forEach(whole::write);
        if (random.nextInt(4) == 0) {
            ByteString bytes = whole.snapshot();
            whole = new Buffer().write(bytes.substring(0, random.nextInt(bytes.size() + 1)));
        }
        return whole;
    }

    private static void change(List<ByteString> frames, SplittableRandom random, boolean delta) {
        int at = random.nextInt(frames.size());
        ByteString frame = frames.get(at);
        switch (random.nextInt(8)) {
            case 0 -> frames.set(at, frame.substring(0, random.nextInt(frame.size() + 1)));
            case 1 -> frames.add(random.nextInt(frames.size() + 1), frame);
            case 2 -> Collections.swap(frames, at, random.nextInt(frames.size()));
            case 3 -> frames.set(at, withLength(frame, random.nextInt()));
            case 4 -> frames.set(at, withLength(frame, random.nextInt((int) GrpcAnswer.MAX_BYTES * 2)));
            case 5 -> frames.set(at, ofWrongType(random, delta));
            case 6 -> frames.add(at, garbage(random));
            default -> frames.set(at, compressed(frame, random));
        }
    }

    private static ByteString withLength(ByteString frame, int length) {
        ByteString rest = frame.substring(Math.min(5, frame.size()));
        return new Buffer().writeByte(0).writeInt(length).write(rest).readByteString();
    }

    private static ByteString compressed(ByteString frame, SplittableRandom random) {
        ByteString rest = frame.substring(Math.min(1, frame.size()));
        return new Buffer().writeByte(random.nextInt(256)).write(rest).readByteString();
    }

    /** Endpoints that claim to be something else, or of which the answer or the resource alone says what they are. */
    private static ByteString ofWrongType(SplittableRandom random, boolean delta) {
        ProtoWriter endpoints = assignment("users", locality(healthy("10.6.6.6", 80, 1, Map.of())));
        ByteString message = switch (random.nextInt(5)) {
            case 0 -> answer(XdsMessages.CLUSTER, endpoints.bytes(), delta);
            case 1 -> answer("", endpoints.bytes(), delta);
            case 2 -> answer("type.googleapis.com/envoy.config.listener.v3.Listener", endpoints.bytes(), delta);
            case 3 -> answer(XdsMessages.ENDPOINTS + "\r\nX-Evil: 1", endpoints.bytes(), delta);
            default -> mixed(endpoints, delta);
        };
        return framed(message).readByteString();
    }

    /** An answer of endpoints, of which the resource says that it is a cluster. */
    private static ByteString mixed(ProtoWriter endpoints, boolean delta) {
        ProtoWriter any = new ProtoWriter().text(1, XdsMessages.CLUSTER).message(2, endpoints);
        ProtoWriter resource = delta ? new ProtoWriter().message(2, any).text(3, "users") : any;
        return new ProtoWriter()
                .message(2, resource)
                .text(4, XdsMessages.ENDPOINTS)
                .text(5, "n")
                .bytes();
    }

    private static ByteString garbage(SplittableRandom random) {
        byte[] bytes = new byte[1 + random.nextInt(40)];
        random.nextBytes(bytes);
        return ByteString.of(bytes);
    }

    /** A pool that keeps the ids of lists. */
    private final class Pool extends HastyReceiver {
        Pool() {
            super(nanos);
        }

        @Override
        public void backends(List<Backend> backends) {
            last = backends.stream().map(Backend::id).toList();
            lists.add(last);
        }

        @Override
        public void error(Throwable cause) {
            assertThat(cause).isInstanceOf(IOException.class);
            assertThat(cause.getMessage()).hasSizeLessThan(1_000).doesNotContain("\r", "\n");
        }
    }
}
