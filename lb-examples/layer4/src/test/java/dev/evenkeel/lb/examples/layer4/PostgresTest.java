package dev.evenkeel.lb.examples.layer4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.socket.NamedSocketFactory;
import dev.evenkeel.lb.core.socket.PoolSocketFactory;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL's JDBC driver under HikariCP, over three PostgreSQL servers. */
class PostgresTest {
    private final List<Server> servers = new ArrayList<>();
    private Path directory;
    private LoadBalancer pool;
    private NamedSocketFactory.Publication published;
    private HikariDataSource source;

    @BeforeEach
    void start() throws Exception {
        String initdb = Server.program("initdb", "postgresql");
        String postgres = Server.program("postgres", "postgresql");
        // The server refuses to run as root, and its user must be able to come here.
        directory = Files.createTempDirectory("evenkeel-postgres");
        run(List.of("chmod", "755", directory.toString()));
        Path first = directory.resolve("data-0");
        if (isRoot()) {
            run(List.of("chown", "postgres", directory.toString()));
        }
        run(asUser(initdb, "-D", first.toString(), "-U", "app", "-A", "trust", "--no-sync", "--no-locale"));
        LoadBalancerBuilder builder = LoadBalancers.builder("orders")
                .strategy(Strategies.leastConnections())
                .healthCheck(HealthCheckPolicy.of(HealthChecks.tcp()).withInterval(Duration.ofMillis(500)));
        for (int i = 0; i < 3; i++) {
            Path data = directory.resolve("data-" + i);
            if (i > 0) {
                run(asUser("cp", "-a", first.toString(), data.toString()));
            }
        }
        for (int i = 0; i < 3; i++) {
            String name = "postgres-" + i;
            int port = Server.freePort();
            servers.add(new Server(
                    name,
                    port,
                    directory,
                    asUser(
                            postgres,
                            "-D",
                            directory.resolve("data-" + i).toString(),
                            "-p",
                            Integer.toString(port),
                            "-c",
                            "listen_addresses=127.0.0.1",
                            "-c",
                            "unix_socket_directories=",
                            "-c",
                            "fsync=off",
                            "-c",
                            "cluster_name=" + name)));
            builder.backend(Backend.builder("tcp://127.0.0.1:" + port).id(name).build());
        }
        pool = builder.build();
        published = NamedSocketFactory.publish("orders", PoolSocketFactory.of(pool));
        HikariConfig config = new HikariConfig();
        // Host and port are names only: the pool says where a connection goes.
        config.setJdbcUrl("jdbc:postgresql://localhost:5432/postgres");
        config.setUsername("app");
        config.addDataSourceProperty("socketFactory", NamedSocketFactory.class.getName());
        config.addDataSourceProperty("socketFactoryArg", "orders");
        config.addDataSourceProperty("socketTimeout", "5");
        config.addDataSourceProperty("sslmode", "disable");
        config.setMaximumPoolSize(9);
        config.setConnectionTimeout(10_000);
        source = new HikariDataSource(config);
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static List<String> asUser(String... command) {
        return Stream.concat(
                        isRoot()
                                ? Stream.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
                                : Stream.empty(),
                        Stream.of(command))
                .toList();
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile("evenkeel-postgres", ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .directory(directory.toFile())
                    .start();
            assertThat(process.waitFor(2, TimeUnit.MINUTES))
                    .as(command.toString())
                    .isTrue();
            assertThat(process.exitValue())
                    .as(command + ": " + Files.readString(log))
                    .isZero();
        } finally {
            Files.delete(log);
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (source != null) {
            source.close();
            published.close();
            pool.close();
        }
        for (Server server : servers) {
            server.close();
        }
        if (directory != null) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private String whoAnswers() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT current_setting('cluster_name')")) {
            result.next();
            return result.getString(1);
        }
    }

    @Test
    void serverKilledUnderLoad_costsItsOpenConnectionsAndNothingHangs() throws Exception {
        Server victim = servers.get(0);
        try (Load load = new Load(9, this::whoAnswers)) {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> servers.stream().allMatch(server -> load.answers(server.name) > 100));
            // HikariCP opens its connections one by one: none may come to the victim once they are counted.
            await().atMost(Duration.ofMinutes(1)).until(() -> pool.snapshot().inFlight() == 9);
            int openAtVictim = pool.snapshot().backend(victim.name).inFlight();
            victim.kill();
            long before = load.answers("postgres-1") + load.answers("postgres-2");

            await().atMost(Duration.ofMinutes(1))
                    .until(() -> load.answers("postgres-1") + load.answers("postgres-2") > before + 1_000);
            assertThat(openAtVictim).as("spread over all three").isBetween(1, 7);
            assertThat(load.failures())
                    .as("each of its connections fails at most once")
                    .hasSizeLessThanOrEqualTo(openAtVictim);
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> pool.snapshot().backend(victim.name).inFlight() == 0);
            await().atMost(Duration.ofMinutes(1)).until(() -> pool.snapshot().inFlight() == 9);

            victim.start();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> pool.snapshot().backend(victim.name).isEligible());
            long atVictim = load.answers(victim.name);
            source.getHikariPoolMXBean().softEvictConnections();
            await().atMost(Duration.ofMinutes(1)).until(() -> load.answers(victim.name) > atVictim + 100);
            System.out.printf(
                    "PostgreSQL: %d of 9 connections were at the killed server; failed operations: %d; longest: %d ms%n",
                    openAtVictim, load.failures().size(), load.longestMillis());
        }
        source.close();
        await().atMost(Duration.ofMinutes(1)).until(() -> pool.snapshot().inFlight() == 0);
    }
}
