package dev.evenkeel.lb.examples.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.admin.StatsHandler;
import dev.evenkeel.lb.core.admin.StatsPage;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The stats page in a real browser, wide and narrow, light and dark. */
@Timeout(600)
class StatsPageAccessibilityTest {
    private static final List<Integer> WIDTHS = List.of(400, 1_280);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private Browser browser;
    private LoadBalancer users;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        browser = Browser.start(directory);
        users = LoadBalancers.builder("users")
                .backends(IntStream.rangeClosed(1, 6)
                        .mapToObj(i -> Backend.of("http://10.0.0." + i + ":8080"))
                        .toList())
                .strategy(Strategies.roundRobin())
                .build();
        for (int i = 0; i < 60; i++) {
            Lease lease = (Lease) users.acquire(RequestContext.NONE);
            boolean fails = lease.backend().id().equals("10.0.0.4:8080");
            lease.complete(fails ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
        }
        users.registry().drain("10.0.0.5:8080");
        users.registry().maintenance("10.0.0.6:8080");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/pools",
                StatsHandler.builder(StatsPage.of(users))
                        .controls(exchange -> true)
                        .build());
        server.start();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
        if (users != null) {
            users.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    private void open(int width) {
        browser.resize(width, 900);
        browser.open(URI.create("http://localhost:" + server.getAddress().getPort() + "/pools"));
        browser.until("document.getElementById('note').textContent.startsWith('as of')");
    }

    @Test
    void rules_ofAccessibility_areKept() throws IOException {
        List<String> faults = new ArrayList<>();
        for (String colors : List.of("light", "dark")) {
            browser.prefer(colors);
            for (int width : WIDTHS) {
                open(width);
                browser.value("document.querySelectorAll('details').forEach(details => { details.open = true; })");
                Accessibility.faults(browser).forEach(fault -> faults.add(colors + ", " + width + ": " + fault));
            }
        }

        assertThat(faults).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void table_keepsItsRoles_whereEachBackendIsABlock() {
        for (int width : WIDTHS) {
            open(width);

            assertThat(browser.roles())
                    .as("%d pixels", width)
                    .contains("table", "rowgroup", "row", "columnheader", "rowheader", "cell");
        }
    }
}
