package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many keys move between backends that stay when one leaves. The figures are those of docs/strategies.md; they follow from
 * hashes alone, so they are the same in every run.
 */
class KeyMovesTest {
    private static final int KEYS = 200_000;

    private static ConsistentHash form(String name) {
        ConsistentHash hash = Strategies.consistentHash();
        return switch (name) {
            case "ring" -> hash.ring();
            case "ring of 1024" -> hash.ring(1_024, 4_096);
            case "rendezvous" -> hash.rendezvous();
            default -> hash;
        };
    }

    private static double[] weights(String text) {
        return text.startsWith("equal ")
                ? DoubleStream.generate(() -> 1)
                        .limit(Integer.parseInt(text.substring(6)))
                        .toArray()
                : Arrays.stream(text.split(":"))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "maglev, equal 10, 5, 0.3",
        "maglev, equal 100, 50, 0.6",
        "maglev, 1:2:3, 0, 0.0",
        "maglev, 1:1:1:1:1:1:1:1:1:10, 9, 0.2",
        "ring, equal 10, 5, 0.0",
        "ring, equal 100, 50, 0.0",
        "ring, 1:2:3, 0, 8.3",
        "ring, 1:1:1:1:1:1:1:1:1:10, 9, 12.6",
        "ring of 1024, equal 10, 5, 6.9",
        "ring of 1024, equal 100, 50, 0.0",
        "ring of 1024, 1:2:3, 0, 6.3",
        "ring of 1024, 1:1:1:1:1:1:1:1:1:10, 9, 15.8",
        "rendezvous, equal 10, 5, 0.0",
        "rendezvous, equal 100, 50, 0.0",
        "rendezvous, 1:2:3, 0, 0.0",
        "rendezvous, 1:1:1:1:1:1:1:1:1:10, 9, 0.0"
    })
    void backendLeaves_soManyPercentOfTheOtherKeysMove(String form, String weights, int leaving, double percent) {
        List<FakeCandidate> all = FakePool.ofWeights(weights(weights));
        FakePool pool = new FakePool(form(form), 1, all);
        List<FakeCandidate> before = owners(pool);
        List<FakeCandidate> rest = new ArrayList<>(all);
        FakeCandidate gone = rest.remove(leaving);
        pool.update(rest);
        List<FakeCandidate> after = owners(pool);
        long moved = IntStream.range(0, KEYS)
                .filter(i -> before.get(i) != gone && before.get(i) != after.get(i))
                .count();
        assertThat(100.0 * moved / KEYS).isCloseTo(percent, within(0.06));
        pool.update(all);
        assertThat(owners(pool)).as("all return with it").isEqualTo(before);
    }

    private static List<FakeCandidate> owners(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        List<FakeCandidate> owners = new ArrayList<>(KEYS);
        for (int i = 0; i < KEYS; i++) {
            request.affinityKey = "user-" + i;
            owners.add(requireNonNull(pool.pick(request)));
        }
        return owners;
    }
}
