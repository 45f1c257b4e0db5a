package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a round of questions leads to when some of them fail, take long or are many, on virtual time. */
class DnsRoundTest {
    private static final String A_ID = "10.0.0.1:80";
    private static final String B_ID = "10.0.0.2:80";

    private final FakeReceiver receiver = new FakeReceiver();
    private final FakeZone zone = new FakeZone();

    @Test
    void addressThatCameAlong_livesByItsOwnTime_howeverLongTheServiceDoes() {
        zone.with("_s._tcp.test 300 IN SRV 0 1 80 a.test.", "a.test 1 IN A 10.0.0.2");
        zone.additional.add(FakeZone.record("a.test 1 IN A 10.0.0.1"));
        start(services());
        assertThat(receiver.ids()).containsExactly(A_ID);

        receiver.time.advance(Duration.ofMillis(1_100));

        assertThat(receiver.ids()).containsExactly(B_ID);
        assertThat(zone.asked).containsExactly("SRV _s._tcp.test", "A a.test");
    }

    @ParameterizedTest
    @CsvSource({
        "IPV4_FIRST, A,    [2001:db8::1]:80",
        "IPV6_FIRST, AAAA, 10.0.0.1:80",
        "BOTH,       A,    [2001:db8::1]:80",
        "BOTH,       AAAA, 10.0.0.1:80",
    })
    void familyThatFails_doesNotHideTheOther_andIsSaidOnce(AddressFamily family, String failing, String expected) {
        zone.with("users.test 1 IN A 10.0.0.1", "users.test 1 IN AAAA 2001:db8:0:0:0:0:0:1");
        zone.failing.add(failing + " users.test");
        start(addresses().family(family));
        receiver.time.advance(Duration.ofSeconds(20));

        assertThat(receiver.ids()).containsExactly(expected);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessageContaining("SERVFAIL for " + failing + " users.test"));

        zone.failing.clear();
        receiver.time.advance(Duration.ofSeconds(2));
        assertThat(receiver.ids()).contains(failing.equals("A") ? A_ID : "[2001:db8::1]:80");
    }

    @ParameterizedTest
    @CsvSource({"IPV4, A", "IPV6, AAAA"})
    void onlyFamilyThatFails_isAnError(AddressFamily family, String failing) {
        zone.with("users.test 1 IN A 10.0.0.1", "users.test 1 IN AAAA 2001:db8:0:0:0:0:0:1");
        zone.failing.add(failing + " users.test");
        start(addresses().family(family));

        assertThat(receiver.lists).isEmpty();
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessage("SERVFAIL for " + failing + " users.test"));
    }

    @Test
    void targetsThatAreDead_takeNoMoreThanARoundsTime_andTheOthersAreFound() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            lines.add("_s._tcp.test 60 IN SRV 0 1 80 dead" + i + ".test.");
            zone.failing.add("A dead" + i + ".test");
            zone.failing.add("AAAA dead" + i + ".test");
        }
        lines.add("_s._tcp.test 60 IN SRV 0 1 80 z.test.");
        lines.add("z.test 60 IN A 10.0.0.1");
        zone.with(lines.toArray(String[]::new));
        // Each dead one costs 200 ms, for both families.
        zone.onQuestion = question -> {
            if (question.contains("dead")) {
                receiver.time.advance(Duration.ofMillis(100));
            }
        };
        long begin = receiver.time.nanoTime();
        start(services());
        assertThat(receiver.time.nanoTime() - begin)
                .isLessThanOrEqualTo(Duration.ofMillis(5_100).toNanos());
        assertThat(zone.asked).as("of the first round").hasSize(1 + 50);
        assertThat(receiver.errors).hasSize(1);

        receiver.time.advance(Duration.ofMinutes(1));
        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(zone.asked).contains("A dead149.test");

        // A new target is found in the next round, since the dead ones are asked last.
        lines.set(151, "_s._tcp.test 60 IN SRV 0 1 80 y.test.");
        lines.add("z.test 60 IN A 10.0.0.1");
        lines.add("y.test 60 IN A 10.0.0.2");
        zone.with(lines.toArray(String[]::new));
        receiver.time.advance(Duration.ofSeconds(62));
        assertThat(receiver.ids()).containsExactly(A_ID, B_ID);
        assertThat(receiver.errors).as("told once").hasSize(1);
        assertThat(receiver.errors.get(0).getMessage())
                .startsWith("DNS lists what cannot be used for _s._tcp.test.: SERVFAIL for A dead0.test, ")
                .endsWith(" more");
    }

    @Tag("long")
    @Test
    void moreThanTenThousandTargets_areLeftOut_andSaidOnce() {
        String[] lines = new String[10_200];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = "_s._tcp.test 1 IN SRV 0 " + (lines.length - i) + " 80 t" + i + ".test.";
        }
        zone.with(lines);
        zone.with(Stream.concat(Stream.of(lines), Stream.of("t0.test 1 IN A 10.0.0.1", "t10100.test 1 IN A 10.0.0.2"))
                .toArray(String[]::new));
        start(services());
        receiver.time.advance(Duration.ofSeconds(10));

        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessageEndingWith("a service must have at most 10000 targets; the rest is left out"));
    }

    private DnsDiscovery.Builder addresses() {
        return DnsDiscovery.addresses("users.test").port(80);
    }

    private DnsDiscovery.Builder services() {
        return DnsDiscovery.services("_s._tcp.test");
    }

    private void start(DnsDiscovery.Builder builder) {
        builder.nameservers(settings -> zone).build().start(receiver);
    }
}
