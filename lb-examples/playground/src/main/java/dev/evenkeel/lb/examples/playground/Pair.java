package dev.evenkeel.lb.examples.playground;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One server of each fleet: equal in all that they do. */
final class Pair implements AutoCloseable {

    /** What has been done to it. */
    enum State {
        UP,
        HUNG,
        DEAD;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String text) {
            return Arrays.stream(values())
                    .filter(state -> state.toString().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown state \"" + text + "\"; expected one of " + List.of(values())));
        }
    }

    private final String name;
    private final List<Server> servers;
    private Behaviour behaviour;
    private State state = State.UP;
    private volatile int weight = 1;

    private Pair(String name, Behaviour behaviour, List<Server> servers) {
        this.name = name;
        this.behaviour = behaviour;
        this.servers = servers;
    }

    static Pair start(String name, Behaviour behaviour) throws IOException {
        Server first = new Server(behaviour);
        try {
            return new Pair(name, behaviour, List.of(first, new Server(behaviour)));
        } catch (IOException e) {
            first.close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    /** The one in a fleet. */
    Server server(int fleet) {
        return servers.get(fleet);
    }

    synchronized Behaviour behaviour() {
        return behaviour;
    }

    synchronized State state() {
        return state;
    }

    /** Of each server of the two, in the pools of its side. */
    int weight() {
        return weight;
    }

    void weight(int next) {
        checkWeight(next);
        weight = next;
    }

    static void checkWeight(int weight) {
        Behaviour.check("weight", weight, 1, 20);
    }

    synchronized void behave(Behaviour next) {
        behaviour = next;
        servers.forEach(server -> server.behave(next));
    }

    synchronized void kill() {
        servers.forEach(Server::kill);
        state = State.DEAD;
    }

    synchronized void hang() throws IOException {
        if (state == State.DEAD) {
            throw new IOException(name + " is dead: restart it first");
        }
        servers.forEach(Server::hang);
        state = State.HUNG;
    }

    synchronized void restart() throws IOException {
        for (Server server : servers) {
            server.restart();
        }
        state = State.UP;
    }

    /** Puts it into a state, whatever it is in. */
    synchronized void enter(State next) throws IOException {
        switch (next) {
            case UP -> restart();
            case DEAD -> kill();
            case HUNG -> {
                restart();
                hang();
            }
        }
    }

    @Override
    public synchronized void close() {
        servers.forEach(Server::close);
    }
}
