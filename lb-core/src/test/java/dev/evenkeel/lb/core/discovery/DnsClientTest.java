package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.LogLines;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What may come over the wire: {@link Responder} sends it. */
@Timeout(120)
class DnsClientTest {
    private static final String RECORD = "users.test 60 IN A 10.0.0.1";
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final Duration IMPATIENT = Duration.ofMillis(100);

    @Test
    void answer_isTaken() throws IOException {
        try (Responder server = new Responder((query, n) -> List.of(good(query)))) {
            assertThat(addresses(PATIENT, server.address())).containsExactly("10.0.0.1");
        }
    }

    @Test
    void packetsThatAnswerSomethingElse_areWaitedPast() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            byte[] otherId = good(query);
            otherId[0]++;
            return List.of(new byte[0], new byte[] {1}, otherId, good(query));
        })) {
            assertThat(addresses(PATIENT, server.address())).containsExactly("10.0.0.1");
        }
    }

    @Test
    void questionThatIsLost_isAskedAgain() throws IOException {
        try (Responder server = new Responder((query, n) -> n == 1 ? List.of() : List.of(good(query)))) {
            assertThat(addresses(Duration.ofSeconds(1), server.address())).containsExactly("10.0.0.1");
            assertThat(server.queries).hasValue(2);
        }
    }

    @Test
    void silence_endsAtTheTimeout() throws IOException {
        try (Responder server = new Responder((query, n) -> List.of())) {
            assertThatThrownBy(() -> addresses(IMPATIENT, server.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("DNS gives no answer for A users.test.: 127.0.0.1:")
                    .hasMessageContaining("SocketTimeoutException");
            assertThat(server.queries).hasValue(2);
        }
    }

    @Test
    void serverThatRefuses_isPassedOver() throws IOException {
        try (Responder refusing = new Responder((query, n) -> List.of(rcode(query, Rcode.REFUSED)));
                Responder server = new Responder((query, n) -> List.of(good(query)))) {
            assertThat(addresses(PATIENT, refusing.address(), server.address())).containsExactly("10.0.0.1");
            assertThatThrownBy(() -> addresses(PATIENT, refusing.address()))
                    .hasMessageContaining("REFUSED from 127.0.0.1:");
        }
    }

    @Test
    void serverFromBeforeEdns_isAskedWithoutIt() throws IOException {
        try (Responder server = new Responder(
                (query, n) -> List.of(query.getOPT() != null ? rcode(query, Rcode.FORMERR) : good(query)))) {
            assertThat(addresses(PATIENT, server.address())).containsExactly("10.0.0.1");
        }
    }

    @Test
    void referral_isNoAnswer() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            Message answer = Responder.answer(query);
            answer.getHeader().unsetFlag(Flags.AA);
            answer.addRecord(
                    new NSRecord(FakeZone.name("test"), DClass.IN, 60, FakeZone.name("ns.test")), Section.AUTHORITY);
            return List.of(answer.toWire());
        })) {
            assertThatThrownBy(() -> addresses(PATIENT, server.address()))
                    .hasMessageContaining("a referral to other servers from 127.0.0.1:");
        }
    }

    @Test
    void answerToAnotherQuestion_isNone() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            Message other = new Message(query.getHeader().getID());
            other.getHeader().setFlag(Flags.QR);
            other.addRecord(Record.newRecord(FakeZone.name("evil.test"), Type.A, DClass.IN), Section.QUESTION);
            other.addRecord(FakeZone.record("evil.test 60 IN A 10.6.6.6"), Section.ANSWER);
            return List.of(other.toWire());
        })) {
            assertThatThrownBy(() -> addresses(IMPATIENT, server.address()))
                    .hasMessageContaining("no answer in time but to another question");
        }
    }

    @Test
    void answerToAnotherQuestion_isWaitedPast() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            Message other = new Message(query.getHeader().getID());
            other.getHeader().setFlag(Flags.QR);
            other.addRecord(Record.newRecord(FakeZone.name("evil.test"), Type.A, DClass.IN), Section.QUESTION);
            Message echo = new Message(query.toWire());
            return List.of(other.toWire(), echo.toWire(), good(query));
        })) {
            assertThat(addresses(PATIENT, server.address())).containsExactly("10.0.0.1");
            assertThat(server.queries).hasValue(1);
        }
    }

    @Test
    void systemsNameServerThatIsNoAddress_isSkipped_andTheMendedOneIsAsked() throws IOException {
        try (Responder server = new Responder((query, n) -> List.of(good(query)))) {
            InetSocketAddress none = InetSocketAddress.createUnresolved("10.0.0.256", 53);
            FakeResolvers system = new FakeResolvers(none);
            try (DnsClient client = new DnsClient(settings(PATIENT), system)) {
                assertThatThrownBy(() -> client.ask(FakeZone.name("users.test"), Type.A))
                        .hasMessage("DNS gives no answer for A users.test.: the system has no name servers");

                system.file = List.of(none, server.address());
                assertThat(client.ask(FakeZone.name("users.test"), Type.A).getSection(Section.ANSWER))
                        .hasSize(1);
                system.file = List.of(server.address());
                client.ask(FakeZone.name("users.test"), Type.A);
                assertThat(system.servers()).containsExactly(server.address());
            }
        }
    }

    @Test
    void systemsNameServerThatIsNoAddress_isWarnedOfOnce() throws IOException {
        try (LogLines log = new LogLines("10.0.0.257");
                Responder server = new Responder((query, n) -> List.of(good(query)));
                DnsClient client = new DnsClient(
                        settings(PATIENT),
                        new FakeResolvers(InetSocketAddress.createUnresolved("10.0.0.257", 53), server.address()))) {
            client.ask(FakeZone.name("users.test"), Type.A);
            client.ask(FakeZone.name("users.test"), Type.AAAA);

            assertThat(log.lines())
                    .containsExactly(
                            "WARNING DNS: the system's name server \"10.0.0.257\" is no IP address, and is skipped");
        }
    }

    /** A file with name servers, which is read at each refresh. */
    private static final class FakeResolvers implements DnsClient.SystemResolvers {
        private List<InetSocketAddress> file;
        private List<InetSocketAddress> read;

        FakeResolvers(InetSocketAddress... servers) {
            file = List.of(servers);
            read = file;
        }

        @Override
        public List<InetSocketAddress> servers() {
            return read;
        }

        @Override
        public void refresh() {
            read = file;
        }
    }

    @Test
    void recordsOfOtherNames_areNotTaken() throws IOException {
        try (Responder server = new Responder((query, n) ->
                List.of(Responder.answer(query, "evil.test 60 IN A 10.6.6.6").toWire()))) {
            assertThat(addresses(PATIENT, server.address())).isEmpty();
        }
    }

    @Test
    void bytesOfEveryKindOfNonsense_areAnErrorAndNothingElse() throws IOException {
        Random random = new Random(7);
        try (Responder server = new Responder((query, n) -> {
            byte[] wire = good(query);
            for (int i = 0; i < 4; i++) {
                wire[2 + random.nextInt(wire.length - 2)] = (byte) random.nextInt();
            }
            byte[] cut = random.nextBoolean() ? wire : Arrays.copyOf(wire, 2 + random.nextInt(wire.length - 2));
            // Not truncated: that would be asked for over TCP.
            cut[Math.min(2, cut.length - 1)] &= (byte) 0xfd;
            return List.of(cut);
        })) {
            int refused = 0;
            for (int i = 0; i < 500; i++) {
                try {
                    addresses(Duration.ofMillis(20), server.address());
                } catch (IOException e) {
                    refused++;
                }
            }
            assertThat(refused).isPositive();
        }
    }

    @Test
    void nameThatPointsToItself_isAnError() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            byte[] wire = good(query);
            // The answer's name: a pointer to the pointer.
            int at = 12 + 12 + 4;
            wire[at] = (byte) 0xc0;
            wire[at + 1] = (byte) at;
            return List.of(wire);
        })) {
            assertThatThrownBy(() -> addresses(IMPATIENT, server.address())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void truncatedAnswer_isFetchedOverTcp() throws IOException {
        try (Responder server = new Responder(
                (query, n) -> List.of(truncated(query)), (query, n) -> List.of(Responder.framed(good(query))))) {
            assertThat(addresses(PATIENT, server.address())).containsExactly("10.0.0.1");
        }
    }

    @Test
    void answerOverTcpThatEndsEarly_isAnError() throws IOException {
        try (Responder server = new Responder((query, n) -> List.of(truncated(query)), (query, n) -> {
            byte[] framed = Responder.framed(good(query));
            return List.of(Arrays.copyOf(framed, framed.length - 3));
        })) {
            assertThatThrownBy(() -> addresses(PATIENT, server.address())).hasMessageContaining("answer ends after");
        }
    }

    @Test
    void timeToLiveWithTheHighestBitSet_isNone() throws IOException {
        try (Responder server = new Responder((query, n) -> {
            byte[] wire = good(query);
            // Of the record: name 2, type 2, class 2, then the time.
            wire[wire.length - 10] = (byte) 0x80;
            return List.of(wire);
        })) {
            FakeReceiver receiver = new FakeReceiver();
            try (DnsClient client = new DnsClient(settings(PATIENT, server.address()))) {
                DnsAnswerCache answers = new DnsAnswerCache(client, receiver.time, Duration.ofMinutes(5));
                answers.begin();
                assertThat(answers.get(FakeZone.name("users.test"), Type.A).records())
                        .hasSize(1);

                assertThat(answers.end()).isZero();
            }
        }
    }

    @Test
    void closing_endsTheQuestionUnderWay() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<Throwable> ended = new AtomicReference<>();
        try (Responder server = new Responder((query, n) -> {
            asked.countDown();
            return List.of();
        })) {
            DnsClient client = new DnsClient(settings(Duration.ofMinutes(1), server.address()));
            Thread asking = new Thread(() -> {
                try {
                    client.ask(FakeZone.name("users.test"), Type.A);
                } catch (IOException e) {
                    ended.set(e);
                }
            });
            asking.start();
            asked.await();

            client.close();

            asking.join();
            assertThat(ended.get()).hasMessage("closed");
        }
    }

    static DnsSettings settings(Duration timeout, InetSocketAddress... servers) {
        return new DnsSettings(
                false,
                "http",
                80,
                AddressFamily.IPV4_FIRST,
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                timeout,
                List.of(servers));
    }

    private static List<String> addresses(Duration timeout, InetSocketAddress... servers) throws IOException {
        FakeReceiver receiver = new FakeReceiver();
        try (DnsClient client = new DnsClient(settings(timeout, servers))) {
            DnsAnswerCache answers = new DnsAnswerCache(client, receiver.time, Duration.ofMinutes(5));
            answers.begin();
            return answers.get(FakeZone.name("users.test"), Type.A).records().stream()
                    .map(Record::rdataToString)
                    .toList();
        }
    }

    private static byte[] good(Message query) {
        return Responder.answer(query, RECORD).toWire();
    }

    private static byte[] rcode(Message query, int rcode) {
        Message answer = Responder.answer(query);
        answer.getHeader().setRcode(rcode);
        return answer.toWire();
    }

    private static byte[] truncated(Message query) {
        Message answer = Responder.answer(query);
        answer.getHeader().setFlag(Flags.TC);
        return answer.toWire();
    }
}
