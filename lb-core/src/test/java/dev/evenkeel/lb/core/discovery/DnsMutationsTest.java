package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;

/** Answers of name servers with bytes that are changed, cut off or added: each round is a list or a typed error. */
class DnsMutationsTest {
    private static final long SEED = 20_261_130;
    /** What one round may allocate: it has about ten questions, of small answers. */
    private static final long MAX_ALLOCATED = 16L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final FakeReceiver receiver = new FakeReceiver();
    private int answers;
    private int lists;
    private int errors;
    private long mostAllocated;

    /** Spoils every second answer. */
    private final class Spoilt implements DnsTransport {
        private final FakeZone zone = new FakeZone()
                .with(
                        "_s._tcp.test 0 IN SRV 0 1 80 a.test.",
                        "_s._tcp.test 0 IN SRV 1 3 8080 b.test.",
                        "a.test 0 IN A 10.0.0.1",
                        "a.test 0 IN AAAA 2001:db8:0:0:0:0:0:1",
                        "b.test 0 IN CNAME c.test.",
                        "c.test 0 IN A 10.0.0.2");

        @Override
        public Message ask(Name name, int type) throws IOException {
            answers++;
            byte[] wire = zone.ask(name, type).toWire();
            return new Message(random.nextBoolean() ? wire : mutated(wire));
        }

        @Override
        public void close() {}
    }

    private byte[] mutated(byte[] wire) {
        byte[] bytes = random.nextInt(3) > 0 ? wire : Arrays.copyOf(wire, random.nextInt(wire.length + 20));
        for (int changes = random.nextInt(4); changes >= 0 && bytes.length > 0; changes--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    @Test
    @Timeout(120)
    void mutatedAnswers_areAListOrATypedError() {
        mutate(20_000);
    }

    @Test
    @Tag("long")
    @Tag("mutations")
    @Timeout(1_800)
    void aMillionMutatedAnswers_areListsOrTypedErrors() {
        mutate(Integer.getInteger("evenkeel.mutations", 1_000_000));
        System.getLogger("dev.evenkeel.lb")
                .log(
                        System.Logger.Level.INFO,
                        "DNS: {0} answers, {1} lists, {2} errors, at most {3} KiB allocated for a round",
                        answers,
                        lists,
                        errors,
                        mostAllocated >> 10);
    }

    /** @param count answers, of which half are spoilt */
    private void mutate(int count) {
        DnsDiscovery.services("_s._tcp.test")
                .nameservers(settings -> new Spoilt())
                .build()
                .start(receiver);
        while (answers < count) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            int answersBefore = answers;
            receiver.time.advance(Duration.ofMillis(1_100));
            // The first rounds load classes.
            if (answersBefore > 1_000) {
                mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            receiver.errors.forEach(DnsMutationsTest::check);
            lists += receiver.lists.size();
            errors += receiver.errors.size();
            receiver.errors.clear();
            receiver.lists.clear();
        }
        assertThat(lists).isGreaterThan(count / 100);
        assertThat(errors).isGreaterThan(count / 100);
        assertThat(mostAllocated).isLessThan(MAX_ALLOCATED);
    }

    private static void check(Throwable error) {
        assertThat(error).isInstanceOf(IOException.class);
        assertThat(String.valueOf(error.getMessage())).hasSizeLessThan(5_000);
    }
}
