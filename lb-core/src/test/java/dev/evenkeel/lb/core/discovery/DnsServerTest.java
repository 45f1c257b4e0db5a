package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole pools whose backends come from a real name server, Knot DNS. */
@Timeout(120)
class DnsServerTest {
    private static final System.Logger LOG = System.getLogger(DnsServerTest.class.getName());

    @TempDir
    private Path directory;

    private final Queue<LoadBalancerEvent> events = new ConcurrentLinkedQueue<>();
    private Knot knot;
    private LoadBalancer pool;

    @BeforeEach
    void server() throws IOException {
        knot = new Knot(directory);
    }

    @AfterEach
    void close() throws IOException {
        if (pool != null) {
            pool.close();
        }
        knot.close();
    }

    @Test
    void addresses_areThereWhenThePoolIs_andFollowTheZone() throws IOException {
        knot.serve("users.test. 1 A 10.0.0.1", "users.test. 1 A 10.0.0.2", "users.test. 1 AAAA 2001:db8::1");
        start(DnsDiscovery.addresses("users.test").port(80));
        assertThat(ids()).containsExactly("10.0.0.1:80", "10.0.0.2:80");

        // Changes of records and of their times to live.
        knot.serve("users.test. 2 A 10.0.0.2", "users.test. 2 A 10.0.0.3");
        long changed = System.nanoTime();
        eventually().untilAsserted(() -> assertThat(ids()).containsExactly("10.0.0.2:80", "10.0.0.3:80"));
        tell("a time to live of 1 s", changed);
        knot.serve("users.test. 1 AAAA 2001:db8::1");
        changed = System.nanoTime();
        eventually().untilAsserted(() -> assertThat(ids()).containsExactly("[2001:db8::1]:80"));
        tell("a time to live of 2 s", changed);

        assertThat(events).noneMatch(DiscoveryFailed.class::isInstance);
    }

    @Test
    void services_haveTiersAndWeights() throws IOException {
        knot.serve(
                "_http._tcp.users.test. 1 SRV 10 3 8080 a.test.",
                "_http._tcp.users.test. 1 SRV 10 1 8080 b.test.",
                "_http._tcp.users.test. 1 SRV 20 1 8080 c.test.",
                "a.test. 1 A 10.0.0.1",
                "b.test. 1 CNAME b2.test.",
                "b2.test. 1 A 10.0.0.2",
                "c.test. 1 AAAA ::2");
        start(DnsDiscovery.services("_http._tcp.users.test"));

        assertThat(pool.snapshot().backends())
                .extracting(BackendStatus::backend)
                .extracting(backend -> backend.id() + " " + backend.priority() + " " + backend.weight())
                .containsExactlyInAnyOrder("10.0.0.1:8080 0 3", "10.0.0.2:8080 0 1", "[::2]:8080 1 1");
    }

    @Test
    void addressOfATarget_livesByItsOwnTime_thoughItCameWithALongerOne() throws IOException {
        knot.serve("_http._tcp.users.test. 300 SRV 10 3 8080 a.test.", "a.test. 1 A 10.0.0.1");
        start(DnsDiscovery.services("_http._tcp.users.test"));
        assertThat(ids()).containsExactly("10.0.0.1:8080");

        knot.serve("_http._tcp.users.test. 300 SRV 10 3 8080 a.test.", "a.test. 1 A 10.0.0.2");

        eventually().untilAsserted(() -> assertThat(ids()).containsExactly("10.0.0.2:8080"));
    }

    @Test
    void answerThatDoesNotFitIntoAPacket_isFetchedOverTcp() throws IOException {
        knot.serve(IntStream.range(0, 3_000)
                .mapToObj(i -> "many.test. 60 A 10.1." + i / 250 + "." + i % 250)
                .toArray(String[]::new));
        start(DnsDiscovery.addresses("many.test").port(80));

        assertThat(ids()).hasSize(3_000);
    }

    @Test
    void nameWithoutAddresses_orWithoutExistence_keepsTheList() throws IOException {
        knot.serve("users.test. 1 A 10.0.0.1");
        start(DnsDiscovery.addresses("users.test").port(80));

        knot.serve("users.test. 1 TXT nothing");
        eventually().until(() -> events.stream().anyMatch(DiscoveryFailed.class::isInstance));
        assertThat(ids()).containsExactly("10.0.0.1:80");

        knot.serve();
        knot.serve("users.test. 1 A 10.0.0.2");
        eventually().untilAsserted(() -> assertThat(ids()).containsExactly("10.0.0.2:80"));
    }

    @Test
    void nameThatDoesNotExist_emptiesAPoolThatHonoursIt() throws IOException {
        knot.serve("users.test. 1 A 10.0.0.1");
        pool = LoadBalancers.builder("users")
                .discovery(DnsDiscovery.addresses("users.test")
                        .port(80)
                        .resolvers(knot.address())
                        .build())
                .honourEmptyDiscovery(true)
                .build();
        assertThat(ids()).containsExactly("10.0.0.1:80");

        knot.serve();

        eventually().until(() -> ids().isEmpty());
    }

    @Test
    void serverThatFails_orIsGone_leavesTheList_andCalls() throws IOException {
        knot.serve("users.test. 1 A 10.0.0.1");
        start(DnsDiscovery.addresses("users.test").port(80).maxInterval(Duration.ofSeconds(1)));

        knot.loseTheZone();
        eventually().until(() -> errors().stream().anyMatch(error -> error.contains("SERVFAIL")));
        call();
        knot.stop();
        eventually().until(() -> errors().stream().anyMatch(error -> error.contains("PortUnreachable")));
        call();
        assertThat(ids()).containsExactly("10.0.0.1:80");

        knot.serve("users.test. 1 A 10.0.0.2");
        eventually().untilAsserted(() -> assertThat(ids()).containsExactly("10.0.0.2:80"));
    }

    @Test
    void closing_leavesNoThread() throws IOException {
        knot.serve("users.test. 0 A 10.0.0.1");
        start(DnsDiscovery.addresses("users.test").port(80).minInterval(Duration.ofMillis(100)));

        pool.close();

        eventually()
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("evenkeel-discovery")
                                || thread.getName().contains("dnsjava")));
    }

    private void start(DnsDiscovery.Builder dns) {
        pool = LoadBalancers.builder("users")
                .discovery(dns.resolvers(knot.address()).build())
                .initialDiscoveryTimeout(Duration.ofSeconds(60))
                .listener(events::add)
                .build();
    }

    private void call() {
        for (int i = 0; i < 100; i++) {
            assertThat(pool.acquire(RequestContext.NONE))
                    .isInstanceOfSatisfying(Lease.class, lease -> lease.complete(Outcome.SUCCESS));
        }
    }

    private List<String> errors() {
        return events.stream()
                .filter(DiscoveryFailed.class::isInstance)
                .map(event -> String.valueOf(((DiscoveryFailed) event).cause().getMessage()))
                .toList();
    }

    private List<String> ids() {
        return pool.snapshot().backends().stream()
                .map(BackendStatus::backend)
                .map(Backend::id)
                .sorted()
                .toList();
    }

    private static ConditionFactory eventually() {
        return await().pollInterval(Duration.ofMillis(10)).atMost(Duration.ofSeconds(60));
    }

    private static void tell(String what, long since) {
        LOG.log(
                System.Logger.Level.INFO,
                "under " + what + " a change was in force after " + (System.nanoTime() - since) / 1_000_000 + " ms");
    }
}
