package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.stats.FailureMemory;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** States of strategies and detectors: one for each class, whatever their number and order. */
class PluginStatesTest {
    private final BackendState node = new BackendState(Backend.of("http://a:1"), new PoolStats());

    @Test
    void eachClass_hasOneState() {
        StringBuilder first = node.state(StringBuilder.class, StringBuilder::new);
        Random second = node.state(Random.class, () -> new Random(1));
        AtomicLong third = node.state(AtomicLong.class, AtomicLong::new);
        AtomicInteger fourth = node.state(AtomicInteger.class, AtomicInteger::new);
        assertThat(node.state(StringBuilder.class, StringBuilder::new)).isSameAs(first);
        assertThat(node.state(Random.class, () -> new Random(2))).isSameAs(second);
        assertThat(node.state(AtomicLong.class, AtomicLong::new)).isSameAs(third);
        assertThat(node.state(AtomicInteger.class, AtomicInteger::new)).isSameAs(fourth);
    }

    @Test
    void stateOfASubclass_isKeptUnderItsKey() {
        Number number = node.state(Number.class, () -> 7);
        assertThat(node.state(Number.class, () -> 8)).isSameAs(number);
        assertThat(node.state(Integer.class, () -> 9)).isEqualTo(9);
        assertThat(node.state(Number.class, () -> 8)).isEqualTo(7);
    }

    @Test
    void threadsThatRace_getTheSameState() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            BackendState fresh = new BackendState(Backend.of("http://a:1"), new PoolStats());
            Object[] got = new Object[2];
            Thread other = new Thread(() -> got[1] = fresh.state(StringBuilder.class, StringBuilder::new));
            other.start();
            got[0] = fresh.state(StringBuilder.class, StringBuilder::new);
            fresh.state(AtomicInteger.class, AtomicInteger::new);
            other.join();
            assertThat(got[1]).isSameAs(got[0]);
        }
    }

    @Test
    void memoriesOfFailures_areForgottenInEveryState() {
        Memory first = node.state(Memory.class, Memory::new);
        OtherMemory second = node.state(OtherMemory.class, OtherMemory::new);
        node.state(StringBuilder.class, StringBuilder::new);
        node.forgetFailures();
        node.takeFailureBack(5);
        assertThat(first.heard).containsExactly("forget", "back 5");
        assertThat(second.heard).containsExactly("forget", "back 5");
    }

    private static class Memory implements FailureMemory {
        final List<String> heard = new ArrayList<>();

        @Override
        public void forgetFailures() {
            heard.add("forget");
        }

        @Override
        public void takeFailureBack(long nowNanos) {
            heard.add("back " + nowNanos);
        }
    }

    private static final class OtherMemory extends Memory {}
}
