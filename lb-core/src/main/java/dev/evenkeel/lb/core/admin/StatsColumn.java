package dev.evenkeel.lb.core.admin;

/** The columns of a pool's table after the backend's name, in their order. */
enum StatsColumn {
    STATE("state", "State", false),
    SINCE("since", "For", true),
    WHY("why", "Why", false),
    CHECK("check", "Last check", false),
    WEIGHT("weight", "Weight", true),
    IN_FLIGHT("inFlight", "In flight", true),
    REQUESTS("requests", "Requests", true),
    RETRIES("retries", "Retries", true),
    RATE("rate", "Per second", true),
    ERRORS("errors", "Failures per second", true),
    FAILURE_RATE("failureRate", "Failing", true),
    RESPONSES("responses", "Responses", false),
    FAULTS("faults", "Errors", false),
    OUTS("outs", "Ejected / opened", true),
    LATENCY("latency", "p50 / p99, ms", true),
    COURSE("course", "Latency, last 90 s", false);

    /** The name of the cell in the page. */
    final String cell;

    final String title;
    final boolean isNumber;

    StatsColumn(String cell, String title, boolean isNumber) {
        this.cell = cell;
        this.title = title;
        this.isNumber = isNumber;
    }

    /** The classes of its cells, unless they depend on the backend. */
    String classes() {
        return this == WHY ? "why" : isNumber ? "num" : "text";
    }
}
