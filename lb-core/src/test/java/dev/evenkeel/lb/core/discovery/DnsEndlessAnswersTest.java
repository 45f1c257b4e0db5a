package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Datagrams, bytes, aliases and changes without an end: each is bounded in time and number, and the last list stays. */
@Timeout(120)
class DnsEndlessAnswersTest {
    private static final Duration IMPATIENT = Duration.ofMillis(200);
    private static final String A_ID = "10.0.0.1:80";

    private final FakeReceiver receiver = new FakeReceiver();

    private static void ask(Responder server) throws IOException {
        try (DnsClient client = new DnsClient(DnsClientTest.settings(IMPATIENT, server.address()))) {
            Message unused = client.ask(FakeZone.name("users.test"), Type.A);
        }
    }

    private void start(DnsTransport transport) {
        DnsDiscovery.addresses("users.test")
                .port(80)
                .nameservers(settings -> transport)
                .build()
                .start(receiver);
    }

    @Test
    void datagramsToAnotherQuestion_endAtTheTimeout() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            Message other = Responder.answer(query, "users.test 60 IN A 10.6.6.6");
            other.removeAllRecords(Section.QUESTION);
            other.addRecord(FakeZone.question("evil.test"), Section.QUESTION);
            byte[] wire = other.toWire();
            return new AbstractList<>() {
                @Override
                public byte[] get(int index) {
                    return wire;
                }

                @Override
                public int size() {
                    // More than a machine sends within both timeouts.
                    return 1_000_000;
                }
            };
        })) {
            assertThatThrownBy(() -> ask(server)).hasMessageContaining("no answer in time but to another question");
        }
    }

    @Test
    void bytesOverTcp_thatDoNotComeToAnEnd_endAtTheTimeout() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        try (Responder server = new Responder(
                (query, n) -> {
                    Message answer = Responder.answer(query);
                    answer.getHeader().setFlag(Flags.TC);
                    return List.of(answer.toWire());
                },
                (query, n) -> new AbstractList<>() {
                    @Override
                    public byte[] get(int index) {
                        if (index == 1) {
                            awaitQuietly(over);
                        }
                        return new byte[] {(byte) 0xff, (byte) 0xff, 0};
                    }

                    @Override
                    public int size() {
                        return 2;
                    }
                })) {
            assertThatThrownBy(() -> ask(server)).hasMessageContaining("SocketTimeoutException");
            over.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch over) {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aliasesWithoutAnEnd_areFollowedSixteenTimesARound_withABackOff_andTheListStays() {
        FakeZone zone = new FakeZone().with("users.test 1 IN A 10.0.0.1");
        AtomicInteger questions = new AtomicInteger();
        boolean[] endless = {false};
        start(new DnsTransport() {
            @Override
            public Message ask(Name name, int type) throws IOException {
                if (!endless[0]) {
                    return zone.ask(name, type);
                }
                int number = questions.incrementAndGet();
                Message answer = new Message();
                answer.getHeader().setFlag(Flags.QR);
                answer.addRecord(
                        FakeZone.record(name.toString(true) + " 1 IN CNAME n" + number + ".test."), Section.ANSWER);
                return answer;
            }

            @Override
            public void close() {}
        });
        assertThat(receiver.ids()).containsExactly(A_ID);

        endless[0] = true;
        receiver.time.advance(Duration.ofMinutes(1));

        // After 1, 2, 4, 8, 16 and 30 s, each ±20 %; both families, of which each has 17 names.
        assertThat(questions.get()).isBetween(17, 9 * 2 * 17);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessage("DNS has more than 16 aliases for users.test."));
        assertThat(receiver.lists).hasSize(1);

        endless[0] = false;
        receiver.time.advance(Duration.ofSeconds(36));
        assertThat(receiver.ids()).containsExactly(A_ID);
    }

    @Test
    void addressThatFlapsFiftyTimesASecond_isAListASecond_withoutAnError() {
        FakeZone zone = new FakeZone().with("users.test 0 IN A 10.0.0.1");
        start(zone);
        for (int i = 0; i < 500; i++) {
            receiver.time.advance(Duration.ofMillis(20));
            zone.with("users.test 0 IN A 10.0.0." + (1 + i % 2));
        }

        assertThat(zone.asked).as("in 10 s, with the least interval of 1 s").hasSizeBetween(5, 11);
        assertThat(receiver.lists).hasSizeBetween(1, 11);
        assertThat(receiver.errors).isEmpty();
    }
}
