package dev.evenkeel.lb.examples.playground;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;

/**
 * Everything that can be set, as the page's address carries it:
 * {@code rate=100&clients=1&slowStart=0&pauses=off&left=adaptive&right=roundRobin&s1=10,0,4,1,up}. A server has its
 * milliseconds, errors in percent, capacity, weight and state.
 *
 * @param rate calls per second on each side, 1..500
 * @param clients as in {@link PoolSettings}
 * @param slowStart likewise
 * @param pauses whether the clients pause at intervals
 * @param strategies left and right
 * @param servers by name
 */
record Setup(
        int rate,
        int clients,
        int slowStart,
        boolean pauses,
        List<String> strategies,
        Map<String, ServerSetup> servers) {

    private static final String SERVER = "MILLIS,ERRORS,CAPACITY,WEIGHT,STATE";

    /** Of one server on both sides. */
    record ServerSetup(Behaviour behaviour, int weight, Pair.State state) {
        ServerSetup {
            Pair.checkWeight(weight);
        }

        static ServerSetup parse(String text) {
            String[] parts = text.split(",", -1);
            if (parts.length != 5) {
                throw new IllegalArgumentException("expected " + SERVER + ": \"" + text + "\"");
            }
            Behaviour behaviour = new Behaviour(
                    number("millis", parts[0]), number("errorPercent", parts[1]), number("capacity", parts[2]));
            return new ServerSetup(behaviour, number("weight", parts[3]), Pair.State.of(parts[4]));
        }

        String text() {
            return behaviour.millis() + "," + behaviour.errorPercent() + "," + behaviour.capacity() + "," + weight + ","
                    + state;
        }
    }

    Setup {
        Behaviour.check("rate", rate, 1, 500);
        strategies.forEach(strategy -> new PoolSettings(strategy, clients, slowStart));
    }

    /** The settings of one side's pools. */
    PoolSettings pools(int side) {
        return new PoolSettings(strategies.get(side), clients, slowStart);
    }

    /** The settings of a server that is there. */
    ServerSetup server(String name) {
        return Objects.requireNonNull(servers.get(name), name);
    }

    /** As {@link #parse} reads it. */
    String text() {
        StringJoiner text = new StringJoiner("&");
        text.add("rate=" + rate).add("clients=" + clients).add("slowStart=" + slowStart);
        text.add("pauses=" + (pauses ? "on" : "off"));
        text.add("left=" + strategies.get(0)).add("right=" + strategies.get(1));
        servers.forEach((name, server) -> text.add(name + "=" + server.text()));
        return text.toString();
    }

    /**
     * Reads a set-up.
     *
     * @param text as {@link #text} writes it; what it does not name stays
     * @throws IllegalArgumentException if it is not understood; with every fault
     */
    Setup parse(String text) {
        Parsed parsed = new Parsed(this);
        for (String field : text.split("&", 0)) {
            parsed.take(field);
        }
        return parsed.result();
    }

    private static int number(String name, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a whole number: \"" + text + "\"", e);
        }
    }

    /** The fields so far, and the faults. */
    private static final class Parsed {
        private int rate;
        private int clients;
        private int slowStart;
        private boolean pauses;
        private final List<String> strategies;
        private final Map<String, ServerSetup> servers;
        private final List<String> faults = new ArrayList<>();

        Parsed(Setup present) {
            rate = present.rate;
            clients = present.clients;
            slowStart = present.slowStart;
            pauses = present.pauses;
            strategies = new ArrayList<>(present.strategies);
            servers = new LinkedHashMap<>(present.servers);
        }

        void take(String field) {
            int equals = field.indexOf('=');
            String name = equals < 0 ? field : field.substring(0, equals);
            try {
                take(name, URLDecoder.decode(field.substring(equals + 1), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                faults.add((servers.containsKey(name) ? name + ": " : "") + e.getMessage());
            }
        }

        private void take(String name, String value) {
            switch (name) {
                case "rate" -> {
                    int wanted = number(name, value);
                    Behaviour.check(name, wanted, 1, 500);
                    rate = wanted;
                }
                case "clients" -> clients = new PoolSettings(strategies.get(0), number(name, value), 0).clients();
                case "slowStart" -> slowStart = new PoolSettings(strategies.get(0), 1, number(name, value)).slowStart();
                case "pauses" -> pauses = isOn(value);
                case "left" -> strategies.set(0, new PoolSettings(value, 1, 0).strategy());
                case "right" -> strategies.set(1, new PoolSettings(value, 1, 0).strategy());
                default -> {
                    if (!servers.containsKey(name)) {
                        throw new IllegalArgumentException("unknown field \"" + name
                                + "\"; expected one of rate, clients, slowStart, pauses, left, right, "
                                + String.join(", ", servers.keySet()));
                    }
                    servers.put(name, ServerSetup.parse(value));
                }
            }
        }

        private static boolean isOn(String value) {
            if (!value.equals("on") && !value.equals("off")) {
                throw new IllegalArgumentException("pauses must be on or off: \"" + value + "\"");
            }
            return value.equals("on");
        }

        Setup result() {
            if (!faults.isEmpty()) {
                throw new IllegalArgumentException("set-up: " + String.join("; ", faults));
            }
            return new Setup(rate, clients, slowStart, pauses, List.copyOf(strategies), servers);
        }
    }
}
