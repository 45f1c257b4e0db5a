package dev.evenkeel.lb.examples.failures;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What can happen to some of the servers, and how it ends. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
enum Fault {
    KILL("kill -9, started again on its port", 1, each(NginxServer::kill), each(NginxServer::start)),
    HANG("SIGSTOP: accepts, never answers; SIGCONT", 1, each(NginxServer::freeze), each(NginxServer::thaw)),
    BLACK_HOLE(
            "500s in 1 ms, and the checks see it",
            1,
            each(server -> server.broken(true, true)),
            each(server -> server.broken(false, false))),
    UNSEEN_BLACK_HOLE(
            "500s in 1 ms, and the checks do not see it",
            1,
            each(server -> server.broken(true, false)),
            each(server -> server.broken(false, false))),
    SLOW(
            "10 times slower",
            1,
            (fleet, hit) -> hit.forEach(server -> fleet.work().slowDown(server.id(), 10)),
            (fleet, hit) -> hit.forEach(server -> fleet.work().slowDown(server.id(), 1))),
    RESTART("restarted on its port, without a drain", 1, each(NginxServer::quit), each(NginxServer::start)),
    HALF_DOWN("3 of 5 killed at once, and back", 3, each(NginxServer::kill), each(NginxServer::start)),
    HALF_HUNG("3 of 5 stopped at once, and back", 3, each(NginxServer::freeze), each(NginxServer::thaw)),
    ALL_DOWN("all killed, and back", Fleet.SERVERS, each(NginxServer::kill), each(NginxServer::start));

    private final String title;
    private final int servers;
    private final BiConsumer<Fleet, List<NginxServer>> inflict;
    private final BiConsumer<Fleet, List<NginxServer>> mend;

    Fault(
            String title,
            int servers,
            BiConsumer<Fleet, List<NginxServer>> inflict,
            BiConsumer<Fleet, List<NginxServer>> mend) {
        this.title = title;
        this.servers = servers;
        this.inflict = inflict;
        this.mend = mend;
    }

    private static BiConsumer<Fleet, List<NginxServer>> each(Consumer<NginxServer> action) {
        return (fleet, hit) -> hit.forEach(action);
    }

    String title() {
        return title;
    }

    /** The servers that it hits. */
    List<NginxServer> hit(Fleet fleet) {
        return fleet.servers().subList(0, servers);
    }

    void inflict(Fleet fleet) {
        inflict.accept(fleet, hit(fleet));
    }

    void mend(Fleet fleet) {
        mend.accept(fleet, hit(fleet));
    }
}
