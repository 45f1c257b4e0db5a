package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;

/** Answers are kept for their time to live, and beyond it while nothing better is known. */
class DnsAnswerCacheTest {
    private static final int A = org.xbill.DNS.Type.A;

    private final FakeZone zone = new FakeZone();
    private final VirtualTime time = new VirtualTime();
    private final DnsAnswerCache cache = new DnsAnswerCache(zone, time, Duration.ofMinutes(1));
    private final Name users = FakeZone.name("users.test");

    private int get() throws IOException {
        cache.begin();
        int records = cache.get(users, A).records().size();
        cache.end();
        return records;
    }

    @Test
    void answer_isKeptForItsTimeToLive() throws IOException {
        zone.with("users.test 10 IN A 10.0.0.1");
        get();
        time.advance(Duration.ofMillis(9_999));
        get();
        assertThat(zone.asked).hasSize(1);
        time.advance(Duration.ofMillis(1));
        get();
        assertThat(zone.asked).hasSize(2);
    }

    @Test
    void timeToLive_isBounded_andTheShortestOfTheRoundIsReturned() throws IOException {
        zone.with("users.test 86400 IN A 10.0.0.1", "other.test 20 IN A 10.0.0.2");
        cache.begin();
        cache.get(users, A);
        assertThat(cache.end()).isEqualTo(60_000_000_000L);
        cache.begin();
        cache.get(users, A);
        cache.get(FakeZone.name("other.test"), A);
        assertThat(cache.end()).isEqualTo(20_000_000_000L);
    }

    @Test
    void expiredAnswer_standsInForAFailure_whichIsReported() throws IOException {
        zone.with("users.test 10 IN A 10.0.0.1");
        get();
        assertThat(cache.failure()).isNull();
        zone.isDown = true;
        time.advance(Duration.ofSeconds(11));
        assertThat(get()).isEqualTo(1);
        assertThat(cache.failure()).hasMessage("SERVFAIL for A users.test");
    }

    @Test
    void failureWithoutAnEarlierAnswer_isThrown() {
        zone.isDown = true;
        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
    }

    @Test
    void answerThatARoundDoesNotUse_isForgotten() throws IOException {
        zone.with("users.test 50 IN A 10.0.0.1");
        get();
        cache.begin();
        cache.end();
        get();
        assertThat(zone.asked).hasSize(2);
    }

    @Test
    void aliases_areFollowedAcrossAnswers_butNotForEver() throws IOException {
        zone.followsAliases = false;
        zone.with("users.test 30 IN CNAME a.test", "a.test 5 IN CNAME b.test", "b.test 40 IN A 10.0.0.1");
        cache.begin();
        assertThat(cache.get(users, A).records()).hasSize(1);
        assertThat(cache.end()).as("the shortest of the chain").isEqualTo(5_000_000_000L);
        zone.with("users.test 30 IN CNAME a.test", "a.test 5 IN CNAME users.test");
        DnsAnswerCache fresh = new DnsAnswerCache(zone, time, Duration.ofMinutes(1));
        fresh.begin();
        assertThatThrownBy(() -> fresh.get(users, A)).hasMessageStartingWith("DNS has more than 16 aliases for ");
    }

    @Test
    void nameThatDoesNotExist_isKeptForTheNegativeTime() throws IOException {
        zone.with();
        cache.begin();
        assertThat(cache.get(users, A).exists()).isFalse();
        assertThat(cache.end()).as("the minimum of the SOA").isEqualTo(7_000_000_000L);
    }

    @Test
    void additionalAddress_isAnAnswerOfItsOwnTime_ofTargetsAlone() throws IOException {
        zone.with("_s._tcp.test 50 IN SRV 0 1 80 a.test.", "a.test 9 IN A 10.0.0.2");
        zone.additional.add(FakeZone.record("a.test 2 IN A 10.0.0.1"));
        zone.additional.add(FakeZone.record("other.test 50 IN A 10.6.6.6"));
        cache.begin();
        cache.get(FakeZone.name("_s._tcp.test"), org.xbill.DNS.Type.SRV);
        assertThat(cache.get(FakeZone.name("a.test"), A).records().get(0).rdataToString())
                .isEqualTo("10.0.0.1");
        assertThat(cache.get(FakeZone.name("other.test"), A).exists()).isFalse();
        assertThat(zone.asked).containsExactly("SRV _s._tcp.test", "A other.test");
        assertThat(cache.end()).isEqualTo(2_000_000_000L);

        zone.additional.clear();
        time.advance(Duration.ofSeconds(2));
        cache.begin();
        cache.get(FakeZone.name("_s._tcp.test"), org.xbill.DNS.Type.SRV);
        assertThat(cache.get(FakeZone.name("a.test"), A).records().get(0).rdataToString())
                .isEqualTo("10.0.0.2");
    }

    @Test
    void additionalAddress_doesNotReplaceAnAnswerThatIsValid() throws IOException {
        zone.with("_s._tcp.test 1 IN SRV 0 1 80 a.test.", "a.test 50 IN A 10.0.0.1");
        cache.begin();
        cache.get(FakeZone.name("a.test"), A);
        cache.end();
        zone.additional.add(FakeZone.record("a.test 50 IN A 10.6.6.6"));
        cache.begin();
        cache.get(FakeZone.name("_s._tcp.test"), org.xbill.DNS.Type.SRV);

        assertThat(cache.get(FakeZone.name("a.test"), A).records().get(0).rdataToString())
                .isEqualTo("10.0.0.1");
    }
}
