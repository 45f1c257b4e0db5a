package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.A;
import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.B;
import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.finding;
import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.listing;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rounds that go well, fail, break off and recover: what the pool is told, and how long the waits are. */
@Timeout(60)
class RegistryWatchTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final WatchFixture pool = new WatchFixture();

    private static RegistrySession failing(String message) {
        return watch -> {
            throw new IOException(message);
        };
    }

    @Test
    void list_isToldWhenItChanges_andTheSessionSaysThePauses() throws Exception {
        pool.run(finding(A), finding(A), finding(A, B));

        assertThat(pool.lists).containsExactly(List.of(A), List.of(A, B));
        assertThat(pool.pauses).containsExactly(SECOND, SECOND, SECOND);
        assertThat(pool.errors).isEmpty();
    }

    @Test
    void outage_isOneErrorForEachCause_andTheWaitsDouble() throws Exception {
        pool.run(failing("away"), failing("away"), failing("refused"), failing("away"));

        assertThat(pool.messages()).containsExactly("source: away", "source: refused");
        assertThat(pool.pauses).hasSize(4);
        long expected = 10;
        for (Duration pause : pool.pauses) {
            assertThat(pause).isBetween(Duration.ofSeconds(expected / 2), Duration.ofSeconds(expected * 3 / 2));
            expected = Math.min(40, 2 * expected);
        }
    }

    @Test
    void listAfterAnOutage_isToldAgain_andTheNextOutageToo() throws Exception {
        pool.run(finding(A), failing("away"), finding(A), failing("away"));

        assertThat(pool.lists).containsExactly(List.of(A), List.of(A));
        assertThat(pool.messages()).containsExactly("source: away", "source: away");
    }

    @Test
    void streamThatBreaks_afterAnAnswer_isResumedSoon_withoutAnError() throws Exception {
        pool.run(watch -> {
            watch.found(listing(A));
            throw new IOException("reset");
        });

        assertThat(pool.errors).isEmpty();
        assertThat(pool.pauses)
                .singleElement()
                .satisfies(pause -> assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(3)));
    }

    @Test
    void streamThatLasted_isNoFailure_thoughItSaidNothing() throws Exception {
        RegistrySession lasting = watch -> {
            watch.opened();
            pool.nanos.addAndGet(Duration.ofSeconds(5).toNanos());
            throw new IOException("reset");
        };
        RegistrySession brief = watch -> {
            watch.opened();
            pool.nanos.addAndGet(Duration.ofMillis(4_999).toNanos());
            throw new IOException("reset");
        };
        pool.run(lasting, lasting);
        assertThat(pool.errors).isEmpty();

        pool.run(brief);
        assertThat(pool.messages()).containsExactly("source: reset");
    }

    @Test
    void roundThatSaysNothing_isAFailure() throws Exception {
        pool.run(watch -> SECOND);

        assertThat(pool.messages())
                .containsExactly("source: the registry ends its answers before it has said anything");
    }

    @Test
    void malformedAnswer_andABug_areErrors_andTheWatchGoesOn() throws Exception {
        pool.run(
                watch -> {
                    throw new MalformedAnswerException("no JSON");
                },
                watch -> {
                    throw new IllegalStateException();
                },
                finding(A));

        assertThat(pool.messages()).containsExactly("source: no JSON", "source: java.lang.IllegalStateException");
        assertThat(pool.lists).isNotEmpty().allMatch(List.of(A)::equals);
    }

    @Test
    void answerThatIsRefused_whileItsStreamGoesOn_isOneErrorAMinute_andTheNextListEndsIt() throws Exception {
        MalformedAnswerException bad = new MalformedAnswerException("no message");
        RegistrySession flapping = watch -> {
            watch.found(listing(A));
            watch.refused(bad);
            watch.refused(bad);
            watch.found(listing(A));
            watch.refused(bad);
            watch.found(listing(A, B));
            return SECOND;
        };
        pool.run(flapping);

        assertThat(pool.messages()).containsExactly("source: no message");
        assertThat(pool.lists).containsExactly(List.of(A), List.of(A), List.of(A, B));

        RegistrySession later = watch -> {
            pool.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            watch.refused(bad);
            watch.found(listing(A, B));
            return SECOND;
        };
        pool.run(flapping, later);
        assertThat(pool.messages()).hasSize(3);
    }

    @Test
    void listOfFaultsAlone_keepsTheList_andIsOneError() throws Exception {
        RegistrySession faulty = watch -> {
            watch.found(new InstanceList(List.of(), 2, "no port"));
            return SECOND;
        };
        pool.run(finding(A), faulty, faulty);

        assertThat(pool.lists).containsExactly(List.of(A));
        assertThat(pool.messages()).containsExactly("source: 2 of 2 entries are left out; the first is no port");
    }

    @Test
    void listAfterFaultsAlone_isToldAgain_thoughItIsTheSame_andTheFaultIsToldOnceAMinute() throws Exception {
        RegistrySession faulty = watch -> {
            watch.found(new InstanceList(List.of(), 2, "no port"));
            return SECOND;
        };
        pool.run(finding(A), faulty, faulty, finding(A), faulty, finding(A));

        assertThat(pool.lists).containsExactly(List.of(A), List.of(A));
        assertThat(pool.messages()).containsExactly("source: 2 of 2 entries are left out; the first is no port");
    }

    @Test
    void entryThatIsLeftOut_isAFaultOfTheEntry_notOfTheSource() throws Exception {
        RegistrySession partly = watch -> {
            watch.found(new InstanceList(List.of(A), 1, "no port"));
            return SECOND;
        };
        RegistrySession none = watch -> {
            watch.found(new InstanceList(List.of(), 1, "no port"));
            return SECOND;
        };
        pool.run(partly, partly, none);

        assertThat(pool.lists).containsExactly(List.of(A));
        assertThat(pool.ambient)
                .extracting(Throwable::getMessage)
                .containsExactly("source: 1 of 2 entries are left out; the first is no port");
        assertThat(pool.messages())
                .containsExactly(
                        "source: 1 of 2 entries are left out; the first is no port",
                        "source: 1 of 1 entries are left out; the first is no port");
    }

    @Test
    void causesBeyondTheEighth_areNotTold() throws Exception {
        RegistrySession[] rounds = new RegistrySession[12];
        for (int i = 0; i < rounds.length; i++) {
            rounds[i] = failing("cause " + i);
        }
        pool.run(rounds);

        assertThat(pool.errors).hasSize(8);
    }
}
