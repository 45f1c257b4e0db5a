package dev.evenkeel.lb.examples.playground;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two fleets, two clients, one stream of arrivals; what is done to them, and what can be seen. Thread-safe. */
final class Stage implements AutoCloseable {
    static final Duration TICK = Duration.ofMillis(500);
    private static final int FRAMES = 120;
    private static final long PAUSE_TICKS = ClientPauses.INTERVAL.toMillis() / TICK.toMillis();

    /** A pair of servers as set. */
    record PairFigures(String name, int millis, int errorPercent, int capacity, int weight, String state) {}

    /** What was to be seen at one tick; the event is what was done since the one before. */
    record Frame(
            long number,
            @Nullable String event,
            int rate,
            int clients,
            int slowStart,
            boolean pauses,
            String setup,
            List<PairFigures> servers,
            List<Side.Figures> sides) {}

    /** What a page needs to begin. */
    record History(List<String> strategies, long tickMillis, int shown, List<Frame> frames) {}

    private final List<Pair> pairs = new ArrayList<>();
    private final List<Side> sides = new ArrayList<>();
    private final Arrivals arrivals;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Thread ticker = new Thread(this::tickUntilTheEnd, "playground-ticker");
    private final ClientPauses clientPauses = new ClientPauses();
    private boolean pauses;
    private @Nullable String event;
    private long number;

    private Stage(int rate) {
        arrivals = new Arrivals(sides, rate);
        ticker.setDaemon(true);
    }

    /** Starts servers, the last of which is slow, and the traffic. */
    static Stage start(int servers, int rate, List<String> strategies) throws IOException {
        Stage stage = new Stage(rate);
        try {
            for (int i = 1; i <= servers; i++) {
                stage.pairs.add(Pair.start("s" + i, new Behaviour(i == servers && servers > 1 ? 100 : 10, 0, 4)));
            }
            for (int fleet = 0; fleet < strategies.size(); fleet++) {
                stage.sides.add(new Side(
                        fleet, stage.pairs, new PoolSettings(strategies.get(fleet), 1, 0), stage.clientPauses));
            }
        } catch (IOException | RuntimeException e) {
            stage.close();
            throw e;
        }
        WarmUp.call(stage.pairs);
        stage.arrivals.start();
        stage.ticker.start();
        return stage;
    }

    private void tickUntilTheEnd() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(TICK.toNanos());
                tick();
            }
        } catch (InterruptedException e) {
            // That is the end.
        }
    }

    private synchronized void tick() {
        Setup setup = setup();
        frames.addLast(new Frame(
                ++number,
                event,
                setup.rate(),
                setup.clients(),
                setup.slowStart(),
                setup.pauses(),
                setup.text(),
                pairs.stream().map(Stage::figures).toList(),
                sides.stream().map(Side::tick).toList()));
        event = null;
        if (pauses && number % PAUSE_TICKS == 0) {
            clientPauses.pause();
        }
        if (frames.size() > FRAMES) {
            frames.removeFirst();
        }
    }

    private static PairFigures figures(Pair pair) {
        Behaviour behaviour = pair.behaviour();
        return new PairFigures(
                pair.name(),
                behaviour.millis(),
                behaviour.errorPercent(),
                behaviour.capacity(),
                pair.weight(),
                pair.state().toString());
    }

    /** What is set now. */
    synchronized Setup setup() {
        Map<String, Setup.ServerSetup> servers = new LinkedHashMap<>();
        pairs.forEach(
                pair -> servers.put(pair.name(), new Setup.ServerSetup(pair.behaviour(), pair.weight(), pair.state())));
        PoolSettings pools = sides.get(0).settings();
        return new Setup(
                arrivals.perSecond(),
                pools.clients(),
                pools.slowStart(),
                pauses,
                sides.stream().map(side -> side.settings().strategy()).toList(),
                servers);
    }

    private void apply(Setup next) throws IOException {
        for (Pair pair : pairs) {
            Setup.ServerSetup server = next.server(pair.name());
            pair.behave(server.behaviour());
            pair.weight(server.weight());
            pair.enter(server.state());
        }
        arrivals.perSecond(next.rate());
        pauses = next.pauses();
        for (int i = 0; i < sides.size(); i++) {
            sides.get(i).configure(next.pools(i));
        }
    }

    synchronized History history() {
        return new History(Strategies.names(), TICK.toMillis(), FRAMES, List.copyOf(frames));
    }

    /** The last frame, as a list that is empty before the first. */
    synchronized List<Frame> last() {
        return frames.isEmpty() ? List.of() : List.of(frames.getLast());
    }

    /**
     * Does what the page asks for: {@code {"rate": 100}}, {@code {"side": 0, "strategy": "adaptive"}},
     * {@code {"server": "s1", "do": "kill"}}, {@code {"server": "s1", "millis": 50}}, {@code {"clients": 10}},
     * {@code {"slowStart": 20}}, {@code {"pauses": true}}, {@code {"pause": "once"}}, {@code {"setup": "rate=100&…"}}.
     *
     * @throws IllegalArgumentException if it asks for something else
     * @throws IOException if that cannot be done now
     */
    synchronized void order(JsonNode order) throws IOException {
        if (order.has("rate")) {
            arrivals.perSecond(number(order, "rate", 0));
            event = "rate " + arrivals.perSecond();
        } else if (order.has("setup")) {
            apply(setup().parse(order.path("setup").asText()));
            event = "set-up of a link";
        } else if (order.has("clients") || order.has("slowStart")) {
            int clients = number(order, "clients", setup().clients());
            int slowStart = number(order, "slowStart", setup().slowStart());
            sides.forEach(
                    side -> side.configure(new PoolSettings(side.settings().strategy(), clients, slowStart)));
            event = order.has("clients") ? "clients " + clients : "slow start " + slowStart + " s";
        } else if (order.has("pauses")) {
            pauses = order.path("pauses").asBoolean();
            event = pauses ? "pauses begin" : "pauses end";
        } else if (order.has("pause")) {
            clientPauses.pause();
            event = "pause";
        } else if (order.has("side")) {
            change(number(order, "side", -1), order.path("strategy").asText());
        } else {
            command(pair(order.path("server").asText()), order);
        }
    }

    private void change(int side, String strategy) {
        Behaviour.check("side", side, 0, sides.size() - 1);
        sides.get(side).configure(sides.get(side).settings().withStrategy(strategy));
        event = (side == 0 ? "left: " : "right: ") + strategy;
    }

    private void command(Pair pair, JsonNode order) throws IOException {
        String what = order.path("do").asText("set");
        String done = what + " " + pair.name();
        switch (what) {
            case "kill" -> pair.kill();
            case "hang" -> pair.hang();
            case "restart" -> pair.restart();
            case "set" -> done = set(pair, order);
            default ->
                throw new IllegalArgumentException(
                        "unknown command \"" + what + "\"; expected one of kill, hang, restart, set");
        }
        event = done;
    }

    private String set(Pair pair, JsonNode order) {
        if (order.has("weight")) {
            pair.weight(number(order, "weight", 1));
            sides.forEach(side -> side.configure(side.settings()));
            return pair.name() + ": weight " + pair.weight();
        }
        Behaviour before = pair.behaviour();
        Behaviour after = new Behaviour(
                number(order, "millis", before.millis()),
                number(order, "errorPercent", before.errorPercent()),
                number(order, "capacity", before.capacity()));
        pair.behave(after);
        if (after.millis() != before.millis()) {
            return pair.name() + ": " + after.millis() + " ms";
        } else if (after.errorPercent() != before.errorPercent()) {
            return pair.name() + ": " + after.errorPercent() + " % errors";
        }
        return pair.name() + ": " + after.capacity() + " at a time";
    }

    private Pair pair(String name) {
        return pairs.stream()
                .filter(pair -> pair.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown server \"" + name + "\"; expected one of "
                        + pairs.stream().map(Pair::name).toList()));
    }

    private static int number(JsonNode order, String field, int otherwise) {
        JsonNode value = order.path(field);
        if (value.isMissingNode()) {
            return otherwise;
        } else if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw new IllegalArgumentException(field + " must be a whole number: " + value);
        }
        return value.intValue();
    }

    @Override
    public void close() {
        ticker.interrupt();
        arrivals.close();
        sides.forEach(Side::close);
        pairs.forEach(Pair::close);
    }
}
