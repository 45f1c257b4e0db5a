package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, which enforces the policy that the handler sends. */
class StatsBrowserTest {
    @TempDir
    private Path directory;

    @Test
    void script_runsUnderThePolicy_andFillsTheFiguresIn() throws Exception {
        Chromium chromium = Chromium.find(directory);
        try (LoadBalancer users =
                LoadBalancers.builder("users").backends("http://10.0.0.1:8080").build()) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/pools", exchange -> {
                ((Lease) users.acquire(RequestContext.NONE)).complete(Outcome.SUCCESS);
                StatsHandler.of(StatsPage.of(users)).handle(exchange);
            });
            server.start();
            try {
                String dom =
                        chromium.dump("http://localhost:" + server.getAddress().getPort() + "/pools");

                assertThat(dom)
                        .contains(">as of ")
                        .containsPattern("data-cell=\"rate\" class=\"num\">\\d")
                        .containsPattern("<polyline points=\"[\\d.]+,[\\d.]+ [\\d.]+,[\\d.]+")
                        .contains("latency over the last 90 s");
            } finally {
                server.stop(0);
            }
        }
    }

    /** A reload of a configuration may put another pool in the place of one that an open page shows. */
    @Test
    void poolsThatChangePlaces_keepTheirNames() throws Exception {
        Chromium chromium = Chromium.find(directory);
        try (LoadBalancer users = LoadBalancers.builder("users").backend(s0()).build();
                LoadBalancer orders =
                        LoadBalancers.builder("orders").backend(s0()).build()) {
            for (int i = 0; i < 42; i++) {
                ((Lease) orders.acquire(RequestContext.NONE)).complete(Outcome.SUCCESS);
            }
            AtomicBoolean swapped = new AtomicBoolean();
            StatsHandler handler = StatsHandler.of(
                    StatsPage.of(() -> swapped.get() ? List.of(orders, users) : List.of(users, orders)));
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/pools", exchange -> {
                handler.handle(exchange);
                swapped.set(true);
            });
            server.start();
            try {
                String dom =
                        chromium.dump("http://localhost:" + server.getAddress().getPort() + "/pools");

                assertThat(dom.indexOf(">orders</h2>")).isPositive().isLessThan(dom.indexOf(">users</h2>"));
                assertThat(dom.indexOf("data-cell=\"requests\" class=\"num\">42<"))
                        .isBetween(dom.indexOf(">orders</h2>"), dom.indexOf(">users</h2>"));
            } finally {
                server.stop(0);
            }
        }
    }

    private static Backend s0() {
        return Backend.builder("http://10.0.0.1:8080").id("s0").build();
    }
}
