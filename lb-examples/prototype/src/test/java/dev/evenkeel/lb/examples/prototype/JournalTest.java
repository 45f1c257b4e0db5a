package dev.evenkeel.lb.examples.prototype;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.prototype.Journal.PoolFigures;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JournalTest {
    @TempDir
    private Path directory;

    @Test
    void figures_sayTheRulesOfTheFileAndWhereRequestsWent() throws Exception {
        Places places = Places.copyTo(directory);
        try (Fleet fleet = Fleet.start(places.config());
                Shop shop = Shop.open(places.config())) {
            Journal journal = new Journal(shop);

            for (Step step : Step.read(places.script())) {
                journal.add(Visit.of(shop.client(), step));
            }

            Journal.Figures figures = journal.figures();
            assertThat(fleet.size()).isEqualTo(7);
            assertThat(figures.pools().stream().flatMap(pool -> pool.rules().stream()))
                    .containsExactly("shop.example/api/*", "shop.example/images/*", "shop.example, all else");
            assertThat(figures.requests()).isEqualTo(50);
            assertThat(figures.none()).isEqualTo(4);
            assertThat(figures.unexpected()).isZero();
            assertThat(figures.pools()).extracting(JournalTest::answers).containsExactly(21L, 10L, 15L);
            assertThat(figures.visits())
                    .hasSize(50)
                    .first()
                    .isEqualTo(new Journal.VisitFigures(
                            "GET", "http://other.example/images/a.png", "none", "none", "passed untouched", true));
        }
    }

    private static long answers(PoolFigures pool) {
        return pool.servers().stream().mapToLong(Journal.ServerFigures::answers).sum();
    }
}
