package dev.evenkeel.lb.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.benchmarks.subject.Catalogue;
import dev.evenkeel.lb.benchmarks.subject.Entry;
import dev.evenkeel.lb.benchmarks.subject.Requests;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the benchmarks from rotting: everything runs a few times. How fast is none of a test's business. */
class BenchmarksTest {

    static Stream<String> entries() {
        return Catalogue.entries().stream().map(Entry::id);
    }

    static Stream<String> interceptors() {
        return Clients.INTERCEPTORS.stream();
    }

    @ParameterizedTest
    @MethodSource("entries")
    void entry_measured_chooses(String id) {
        for (int backends : new int[] {3, 100}) {
            PickBenchmark benchmark = new PickBenchmark();
            benchmark.entry = id;
            benchmark.backends = backends;
            benchmark.setUp();
            Requests requests = new Requests();
            for (int i = 0; i < 3 * Requests.HELD; i++) {
                assertThat(benchmark.choose(requests, new CpuShare.Clock())).isNotNull();
            }
            benchmark.tearDown();
        }
    }

    @Test
    void entries_listed_haveAnIdEach() {
        assertThat(entries()).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("interceptors")
    void call_measured_readsTheBody(String interceptor) throws IOException {
        CallBenchmark benchmark = new CallBenchmark();
        benchmark.interceptor = interceptor;
        benchmark.setUp();
        for (int i = 0; i < 50; i++) {
            assertThat(benchmark.canned(new CpuShare.Clock())).isEqualTo(2);
            assertThat(benchmark.inMemory(new CpuShare.Clock())).isEqualTo(2);
        }
        benchmark.tearDown();
    }

    @Test
    void checks_ofManyBackends_areMeasuredBesideTheirSockets() {
        Table table =
                CheckCost.run(1, 0, 1, new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

        assertThat(table.texts("what")).containsExactly(CheckCost.SOCKETS, CheckCost.CHECKS, CheckCost.CHANGES);
        for (String what : table.texts("what")) {
            assertThat(CheckCost.medianMicros(table, what)).isPositive().isFinite();
        }
    }

    @Test
    void firstCall_ofEachClient_isMadeInAFreshJvm() {
        Table table = FirstCall.run(1, new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

        assertThat(table.texts("client")).containsExactly(FirstCall.PLAIN, FirstCall.ATTACHED);
        assertThat(FirstCall.median(table, FirstCall.PLAIN, "millis")).isPositive();
        assertThat(FirstCall.median(table, FirstCall.ATTACHED, "classes"))
                .isGreaterThan(FirstCall.median(table, FirstCall.PLAIN, "classes"));
    }

    @Test
    void ratios_ofTwoRounds_areTakenWithinEachRound() {
        Ratios ratios = new Ratios(List.of(
                new Measurement("rotation/pick/floor/rotation", 3, 1, 1, 5, 0),
                new Measurement("rotation/pick/evenkeel/roundrobin", 3, 1, 1, 6, 0),
                new Measurement("rotation/pick/stork/round-robin", 3, 1, 1, 12, 16),
                new Measurement("rotation/pick/floor/rotation", 3, 1, 2, 10, 0),
                new Measurement("rotation/pick/evenkeel/roundrobin", 3, 1, 2, 16, 0),
                new Measurement("rotation/pick/stork/round-robin", 3, 1, 2, 20, 16)));

        assertThat(ratios.toMarkdown())
                .containsExactly(
                        "",
                        "### rotation, pick, 1 thread",
                        "",
                        "| ns (× the first line; least–largest) | 3 backends | B |",
                        "|---|---:|---:|",
                        "| floor/rotation | 7.5 | 0.0 |",
                        "| evenkeel/roundrobin | 11.0 (1.40; 1.20–1.60) | 0.0 |",
                        "| stork/round-robin | 16.0 (2.20; 2.00–2.40) | 16.0 |");
        assertThat(ratios.toCsv())
                .contains(
                        "\"rotation, pick, 1 thread\",evenkeel/roundrobin,3,11.0,0.0,floor/rotation,1.400,1.200,1.600",
                        "\"rotation, pick, 1 thread\",evenkeel/roundrobin,3,11.0,0.0,stork/round-robin,0.650,0.500,0.800");
    }

    @Test
    void measurement_writtenAndRead_isTheSame() {
        Measurement measurement = new Measurement("hash/pick/armeria/sticky", 100, 2, 1, 12.25, 24);

        Table table = new Table(Measurement.COLUMNS);
        measurement.addTo(table);

        assertThat(Measurement.of(table.rows().get(0))).isEqualTo(measurement);
    }

    static List<Figure> figures() {
        return Figures.all();
    }

    /** After a change of a drawing: {@code -Dbenchmarks.args=--draw}. */
    @ParameterizedTest
    @MethodSource("figures")
    void drawing_isThatOfTheNumbers(Figure figure) throws IOException {
        Path folder = Path.of("results");

        assertThat(folder.resolve(figure.name() + ".svg")).hasContent(figure.drawn(folder));
    }

    @Test
    void option_unknown_isRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Profile.of(List.of("--fast")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("unknown option --fast\noptions: --quick");
    }
}
