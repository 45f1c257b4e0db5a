package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of answers, on virtual time; {@link DnsServerTest} has them from a real server. */
class DnsDiscoveryTest {
    private static final String A_ID = "10.0.0.1:80";
    private static final String B_ID = "10.0.0.2:80";

    private final FakeReceiver receiver = new FakeReceiver();
    private final FakeZone zone = new FakeZone();

    // Time.

    @Test
    void name_isAskedForAgain_whenItsTimeIsOver() {
        zone.with("users.test 10 IN A 10.0.0.1");
        start(addresses());
        zone.with("users.test 10 IN A 10.0.0.2");

        receiver.time.advance(Duration.ofMillis(9_999));
        assertThat(receiver.ids()).containsExactly(A_ID);
        receiver.time.advance(Duration.ofMillis(501));

        assertThat(receiver.ids()).containsExactly(B_ID);
        assertThat(receiver.lists).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 60", "1, 60", "2, 30", "30, 2", "86400, 1"})
    void questionsInAMinute_followTheTimeToLive(int ttlSeconds, int expected) {
        zone.with("users.test " + ttlSeconds + " IN A 10.0.0.1");
        start(addresses().maxInterval(Duration.ofMinutes(1)));

        receiver.time.advance(Duration.ofSeconds(60));

        assertThat(zone.asked.size()).isBetween((int) (expected / 1.1), expected + 1);
        assertThat(receiver.lists).hasSize(1);
    }

    @Test
    void whatDoesNotExist_isAnEmptyList_andAskedForAfterTheNegativeTime() {
        start(addresses());
        assertThat(receiver.lists).containsExactly(List.of());

        receiver.time.advance(Duration.ofMillis(6_999));
        assertThat(zone.asked).containsExactly("A users.test");
        zone.with("users.test 10 IN A 10.0.0.1");
        receiver.time.advance(Duration.ofMillis(501));

        assertThat(receiver.ids()).containsExactly(A_ID);
    }

    @Test
    void nothingWithoutASoa_isAskedForAfterFiveSeconds() {
        zone.soa = "";
        start(addresses());

        receiver.time.advance(Duration.ofMillis(4_999));
        assertThat(zone.asked).hasSize(1);
        receiver.time.advance(Duration.ofMillis(501));

        assertThat(zone.asked).hasSize(2);
    }

    // Failure.

    @Test
    void failure_keepsTheAnswer_andIsRepeatedWithABackOff_andToldOnce() {
        zone.with("users.test 1 IN A 10.0.0.1");
        start(addresses());
        receiver.time.advance(Duration.ofMillis(500));
        zone.asked.clear();
        zone.isDown = true;

        receiver.time.advance(Duration.ofSeconds(60));
        assertThat(receiver.lists).hasSize(1);
        // After 1, 2, 4, 8, 16 and 30 s, each ±20 %.
        assertThat(zone.asked.size()).isBetween(5, 8);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessage("SERVFAIL for A users.test"));

        zone.isDown = false;
        receiver.time.advance(Duration.ofSeconds(36));
        assertThat(receiver.lists).as("told again, so that the error is over").hasSize(2);
        zone.with("users.test 1 IN A 10.0.0.2");
        receiver.time.advance(Duration.ofMillis(1_100));
        assertThat(receiver.ids()).containsExactly(B_ID);

        zone.isDown = true;
        receiver.time.advance(Duration.ofSeconds(60));
        assertThat(receiver.errors).as("another outage").hasSize(2);
    }

    @Test
    void failureThatChanges_isToldAgain_andEachTextOnce() {
        zone.with("users.test 1 IN A 10.0.0.1");
        start(addresses().family(AddressFamily.BOTH));
        for (int i = 0; i < 5; i++) {
            zone.failing.clear();
            zone.failing.add(i % 2 == 0 ? "A users.test" : "AAAA users.test");
            receiver.time.advance(Duration.ofSeconds(40));
        }

        assertThat(receiver.errors)
                .extracting(Throwable::getMessage)
                .containsExactlyInAnyOrder("SERVFAIL for A users.test", "SERVFAIL for AAAA users.test");
    }

    @Test
    void failureOfOneTarget_keepsItsAddresses_andLetsTheOthersChange() {
        zone.with(
                "_s._tcp.test 1 IN SRV 0 1 80 a.test.",
                "_s._tcp.test 1 IN SRV 0 1 80 b.test.",
                "a.test 1 IN A 10.0.0.1",
                "b.test 1 IN A 10.0.0.2");
        start(services());
        zone.failing.add("A a.test");
        zone.with(
                "_s._tcp.test 1 IN SRV 0 1 80 a.test.",
                "_s._tcp.test 1 IN SRV 0 1 80 b.test.",
                "a.test 1 IN A 10.0.0.7",
                "b.test 1 IN A 10.0.0.8");

        receiver.time.advance(Duration.ofSeconds(60));

        assertThat(receiver.ids()).containsExactly(A_ID, "10.0.0.8:80");
        assertThat(receiver.errors).isNotEmpty();
    }

    @Test
    void newTargetThatCannotBeResolved_isLeftOut_andSaidOnce() {
        zone.with(
                "_s._tcp.test 1 IN SRV 0 1 80 a.test.",
                "_s._tcp.test 1 IN SRV 0 1 80 b.test.",
                "a.test 1 IN A 10.0.0.1");
        zone.failing.add("A b.test");
        start(services());
        receiver.time.advance(Duration.ofSeconds(60));

        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessage("DNS lists what cannot be used for _s._tcp.test.: SERVFAIL for A b.test"));
    }

    @Test
    void whatCannotBeABackend_isLeftOut_andSaidOnce() {
        zone.with(
                "_s._tcp.test 1 IN SRV 0 1 0 a.test.",
                "_s._tcp.test 1 IN SRV 0 1 80 b.test.",
                "_s._tcp.test 1 IN SRV 0 1 80 c.test.",
                "b.test 1 IN A 0.0.0.0",
                "c.test 1 IN A 10.0.0.1");
        start(services());
        receiver.time.advance(Duration.ofSeconds(10));

        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessageContaining("port must be 1..65535: 0 in the SRV record of a.test.")
                        .hasMessageContaining("no address of a backend: 0.0.0.0"));
    }

    // Names.

    @Test
    void aliases_areFollowed_andTheShortestTimeCounts() {
        zone.with("users.test 3 IN CNAME lb.test.", "lb.test 60 IN CNAME edge.test.", "edge.test 60 IN A 10.0.0.1");
        start(addresses());
        assertThat(receiver.ids()).containsExactly(A_ID);

        receiver.time.advance(Duration.ofMillis(3_500));

        assertThat(zone.asked).hasSize(2);
    }

    @Test
    void aliasIntoAnotherZone_isAskedFor() {
        zone.followsAliases = false;
        zone.with("users.test 60 IN CNAME edge.other.", "edge.other 60 IN A 10.0.0.1");
        start(addresses());

        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(zone.asked).containsExactly("A users.test", "A edge.other");
    }

    @Test
    void aliasesInACircle_areAnError() {
        zone.followsAliases = false;
        zone.with("users.test 60 IN CNAME lb.test.", "lb.test 60 IN CNAME users.test.");
        start(addresses());

        assertThat(receiver.lists).isEmpty();
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessage("DNS has more than 16 aliases for users.test."));
    }

    @Test
    void severalNames_areOneList_andFailEachByItself() {
        zone.with("a.test 1 IN A 10.0.0.1", "b.test 1 IN A 10.0.0.2");
        start(DnsDiscovery.addresses("a.test", "b.test").port(80));
        assertThat(receiver.lists).containsExactly(List.of(A_ID, B_ID));

        zone.failing.add("A b.test");
        zone.with("a.test 1 IN A 10.0.0.3");
        receiver.time.advance(Duration.ofSeconds(2));

        assertThat(receiver.ids()).containsExactly("10.0.0.3:80", B_ID);
    }

    @Test
    void orderOfTheAnswer_isNoNews() {
        zone.with("users.test 1 IN A 10.0.0.1", "users.test 1 IN A 10.0.0.2");
        start(addresses());
        zone.with("users.test 1 IN A 10.0.0.2", "users.test 1 IN A 10.0.0.1");
        receiver.time.advance(Duration.ofSeconds(10));

        assertThat(receiver.lists).containsExactly(List.of(A_ID, B_ID));
    }

    // Addresses.

    @ParameterizedTest
    @CsvSource({
        "IPV4_FIRST, 10.0.0.1:80",
        "IPV6_FIRST, [2001:db8::1]:80",
        "BOTH, '10.0.0.1:80,[2001:db8::1]:80'",
        "IPV4, 10.0.0.1:80",
        "IPV6, [2001:db8::1]:80"
    })
    void replicaWithBothKindsOfAddress_isOneBackend_unlessToldOtherwise(AddressFamily family, String expected) {
        zone.with("users.test 1 IN A 10.0.0.1", "users.test 1 IN AAAA 2001:db8:0:0:0:0:0:1");
        start(addresses().family(family));

        assertThat(receiver.ids()).containsExactly(expected.split(","));
    }

    @Test
    void nameWithoutIpv4_isAskedForIpv6() {
        zone.with("users.test 1 IN AAAA fe80::1");
        start(addresses().scheme("https"));

        assertThat(receiver.backends)
                .singleElement()
                .isEqualTo(Backend.builder("https://[fe80::1]:80")
                        .metadata("dns.name", "users.test")
                        .build());
    }

    @ParameterizedTest
    @CsvSource({
        "::, [::]",
        "::1, [::1]",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]",
        "1:2:3:4:5:6:0:0, [1:2:3:4:5:6::]",
        "FE80:0:0:0:0:0:0:A, [fe80::a]"
    })
    void ipv6Address_hasTheOneFormOfRfc5952(String address, String expected) throws Exception {
        assertThat(AddressFormat.of(java.net.InetAddress.getByName(address))).isEqualTo(expected);
    }

    // Services.

    @Test
    void prioritiesBecomeTiersWithoutGaps_andWeightsWeights() {
        zone.with(
                "_s._tcp.test 60 IN SRV 65535 7 81 a.test.",
                "_s._tcp.test 60 IN SRV 10 60 80 a.test.",
                "_s._tcp.test 60 IN SRV 10 20 80 b.test.",
                "_s._tcp.test 60 IN SRV 500 65535 82 a.test.",
                "a.test 60 IN A 10.0.0.1",
                "b.test 60 IN A 10.0.0.2");
        start(services());

        assertThat(receiver.backends)
                .extracting(backend -> backend.id() + " " + backend.priority() + " " + backend.weight())
                .containsExactly("10.0.0.1:80 0 60", "10.0.0.2:80 0 20", "10.0.0.1:82 1 65535", "10.0.0.1:81 2 7");
        assertThat(receiver.backends.get(0).metadata())
                .containsEntry("dns.name", "_s._tcp.test")
                .containsEntry("dns.target", "a.test");
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 1, 1", "0, 1, 1, 100", "0, 1000, 1, 65000", "0, 65535, 1, 65535", "1, 2, 1, 2"})
    void weightOfNothing_isHardlyAnything(int one, int other, int oneBecomes, int otherBecomes) {
        zone.with(
                "_s._tcp.test 60 IN SRV 0 " + one + " 80 a.test.",
                "_s._tcp.test 60 IN SRV 0 " + other + " 80 b.test.",
                "a.test 60 IN A 10.0.0.1",
                "b.test 60 IN A 10.0.0.2");
        start(services());

        assertThat(receiver.backends).extracting(Backend::weight).containsExactly(oneBecomes, otherBecomes);
    }

    @Test
    void moreThan128Priorities_shareTheLastTier() {
        String[] lines = new String[131];
        for (int i = 0; i < 130; i++) {
            lines[i] = "_s._tcp.test 60 IN SRV " + i * 500 + " 1 " + (i + 1) + " a.test.";
        }
        lines[130] = "a.test 60 IN A 10.0.0.1";
        zone.with(lines);
        start(services());

        assertThat(receiver.backends).hasSize(130);
        assertThat(receiver.backends.stream().mapToInt(Backend::priority).max()).hasValue(127);
    }

    @Test
    void serviceThatIsDecidedlyNotThere_isAnEmptyList() {
        zone.with("_s._tcp.test 60 IN SRV 0 0 0 .");
        start(services());

        assertThat(receiver.lists).containsExactly(List.of());
        assertThat(receiver.errors).isEmpty();
    }

    @Test
    void addressesThatComeAlong_areNotAskedFor() {
        zone.with(
                "_s._tcp.test 60 IN SRV 0 1 80 a.test.",
                "_s._tcp.test 60 IN SRV 0 1 80 b.test.",
                "b.test 60 IN A 10.0.0.2");
        zone.additional.add(FakeZone.record("a.test 60 IN A 10.0.0.1"));
        start(services());

        assertThat(receiver.ids()).containsExactly(A_ID, B_ID);
        assertThat(zone.asked).containsExactly("SRV _s._tcp.test", "A b.test");
    }

    // Around it.

    @Test
    void closing_endsTheQuestions() {
        zone.with("users.test 1 IN A 10.0.0.1");
        BackendDiscovery.Watch watch = start(addresses());

        watch.close();

        assertThat(zone.isClosed).isTrue();
        assertThat(receiver.time.pendingTimers()).isZero();
    }

    @Test
    void badSettings_areRefused() {
        assertThatThrownBy(() -> DnsDiscovery.addresses("a").build())
                .hasMessage("port is required for addresses; set it with port(…)");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a").port(70_000)).hasMessage("port must be 1..65535: 70000");
        assertThatThrownBy(() -> DnsDiscovery.services("a").port(80))
                .hasMessage("port must not be given for services, whose records have it: 80");
        assertThatThrownBy(DnsDiscovery::addresses).hasMessage("DNS discovery must have at least one name: none");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a").scheme("ftp"))
                .hasMessageStartingWith("backend URI must have the scheme http, https, tcp or udp");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a").minInterval(Duration.ZERO))
                .hasMessage("DNS minInterval must be PT0.1S to PT1H: PT0S");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a")
                        .port(1)
                        .maxInterval(Duration.ofMillis(500))
                        .build())
                .hasMessage("DNS maxInterval must be at least minInterval (PT1S): PT0.5S");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a").timeout(Duration.ZERO))
                .hasMessage("DNS timeout must be PT0.01S to PT1M: PT0S");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a").resolvers(InetSocketAddress.createUnresolved("ns", 53)))
                .hasMessageStartingWith("DNS resolver must be an IP address with a port: ns");
        assertThatThrownBy(() -> start(DnsDiscovery.addresses("a..b").port(1)))
                .hasMessage("DNS name must have labels of 1 to 63 letters, digits, hyphens and underscores with dots in"
                        + " between, and 253 characters in all at most: \"a..b\"");
        assertThatThrownBy(() -> DnsDiscovery.addresses("bücher.example")).hasMessageContaining("must be in ASCII");
        assertThatThrownBy(() -> DnsDiscovery.addresses("a.".repeat(128))).hasMessageContaining("253 characters");
        assertThat(DnsDiscovery.services("_http._tcp." + "a.".repeat(121))).isNotNull();
    }

    private DnsDiscovery.Builder addresses() {
        return DnsDiscovery.addresses("users.test").port(80);
    }

    private DnsDiscovery.Builder services() {
        return DnsDiscovery.services("_s._tcp.test");
    }

    private BackendDiscovery.Watch start(DnsDiscovery.Builder builder) {
        return builder.nameservers(settings -> zone).build().start(receiver);
    }
}
