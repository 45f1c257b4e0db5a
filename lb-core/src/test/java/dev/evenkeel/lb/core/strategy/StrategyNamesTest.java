package dev.evenkeel.lb.core.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StrategyNamesTest {
    private static final String BUILT_IN = "adaptive, roundRobin, weightedRoundRobin, random, ipHash, consistentHash,"
            + " leastConnections, weightedLeastConnections, powerOfTwo, leastResponseTime, resourceBased, latencyTiers";

    @TempDir
    Path directory;

    @Test
    void everyName_findsItsStrategy() {
        assertThat(String.join(", ", Strategies.names())).isEqualTo(BUILT_IN);
        for (String name : Strategies.names()) {
            assertThat(Strategies.byName(name).name()).isEqualTo(name);
        }
    }

    @Test
    void everyStrategyOfTheScenarios_hasAName() {
        AllStrategies.all()
                .forEach(strategy -> assertThat(Strategies.names())
                        .contains(strategy.getPayload().name()));
    }

    @Test
    void unknownName_isRefused_withTheNearestAndAll() {
        assertThatThrownBy(() -> Strategies.byName("round-robin"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "unknown strategy \"round-robin\"; did you mean \"roundRobin\"? Expected one of " + BUILT_IN);
        assertThatThrownBy(() -> Strategies.byName("LEASTCONNECTIONS"))
                .hasMessageContaining("did you mean \"leastConnections\"?");
        assertThatThrownBy(() -> Strategies.byName("rnadom")).hasMessageContaining("did you mean \"random\"?");
    }

    @Test
    void unknownNameThatIsLikeNone_isRefused_withAll() {
        assertThatThrownBy(() -> Strategies.byName("bogus"))
                .hasMessage("unknown strategy \"bogus\"; expected one of " + BUILT_IN);
        assertThatThrownBy(() -> Strategies.byName(""))
                .hasMessage("unknown strategy \"\"; expected one of " + BUILT_IN);
        assertThatThrownBy(() -> Strategies.byName("x".repeat(1_000_000)))
                .hasMessage("unknown strategy \"" + "x".repeat(64) + "…\"; expected one of " + BUILT_IN);
    }

    /** "leastConnections" has 16 letters, of which 8 are replaced, and then one more is missing. */
    @Test
    void nearestName_isNamedIfAtMostHalfOfItsLettersChange() {
        assertThatThrownBy(() -> Strategies.byName("xxxxxxxxnections"))
                .hasMessageContaining("did you mean \"leastConnections\"?");
        assertThatThrownBy(() -> Strategies.byName("xxxxxxxxnection"))
                .hasMessage("unknown strategy \"xxxxxxxxnection\"; expected one of " + BUILT_IN);
    }

    /** Four letters too many are more than half of "random". */
    @Test
    void lettersBeforeAName_countAsChanges() {
        assertThatThrownBy(() -> Strategies.byName("xxxrandom")).hasMessageContaining("did you mean \"random\"?");
        assertThatThrownBy(() -> Strategies.byName("xxxxrandom"))
                .hasMessage("unknown strategy \"xxxxrandom\"; expected one of " + BUILT_IN);
    }

    @Test
    void unknownNameOf64Letters_isShownWhole() {
        assertThatThrownBy(() -> Strategies.byName("x".repeat(64)))
                .hasMessage("unknown strategy \"" + "x".repeat(64) + "\"; expected one of " + BUILT_IN);
    }

    @Test
    void providerWithABuiltInName_isNeitherFoundNorListedTwice() throws Exception {
        withProviders(Namesake.class.getName(), () -> {
            assertThat(String.join(", ", Strategies.names())).isEqualTo(BUILT_IN);
            assertThat(Strategies.byName("random")).isSameAs(Strategies.random());
        });
    }

    @Test
    void manyBrokenProviders_theFirstHundredAreSaid() throws Exception {
        String classes =
                IntStream.range(0, 150).mapToObj(i -> "no.such.Strategy" + i).collect(Collectors.joining("\n"));
        withProviders(
                classes,
                () -> assertThatThrownBy(() -> Strategies.byName("bogus"))
                        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(100)));
    }

    @Test
    void providersStrategy_isFoundByItsName() throws Exception {
        withProviders(Mine.class.getName(), () -> {
            assertThat(Strategies.names()).endsWith("mine");
            assertThat(Strategies.byName("mine")).isInstanceOf(Mine.class);
            assertThat(Strategies.byName("roundRobin")).isSameAs(Strategies.roundRobin());
        });
    }

    @Test
    void brokenProvider_hidesNoOther_andIsSaidWithTheRefusal() throws Exception {
        withProviders(Broken.class.getName() + "\nno.such.Strategy\n" + Mine.class.getName(), () -> {
            assertThat(Strategies.byName("roundRobin")).isSameAs(Strategies.roundRobin());
            assertThat(Strategies.byName("mine")).isInstanceOf(Mine.class);
            assertThatThrownBy(() -> Strategies.byName("broken"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSizeGreaterThanOrEqualTo(2));
        });
    }

    @Test
    void choices_belowOne_areRefused() {
        for (Runnable factory :
                List.<Runnable>of(() -> Strategies.powerOfTwo(0), () -> Strategies.leastResponseTime(-1))) {
            assertThatThrownBy(factory::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("choices must be at least 1, such as 2: ");
        }
    }

    private void withProviders(String classes, Runnable test) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(LoadBalancingStrategy.class.getName()), classes);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            test.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** As a user writes one. */
    public static final class Mine implements LoadBalancingStrategy {
        @Override
        public Picker newPicker(PickerContext context) {
            return request -> context.candidates().get(0);
        }

        @Override
        public String name() {
            return "mine";
        }
    }

    /** Has the name of a built-in one. */
    public static final class Namesake implements LoadBalancingStrategy {
        @Override
        public Picker newPicker(PickerContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String name() {
            return "random";
        }
    }

    /** Cannot be made. */
    public static final class Broken implements LoadBalancingStrategy {
        public Broken() {
            throw new IllegalStateException("broken");
        }

        @Override
        public Picker newPicker(PickerContext context) {
            throw new UnsupportedOperationException();
        }
    }
}
