/** What applications see of Evenkeel and what plug-ins implement; depends on nothing but JSpecify's annotations. */
@org.jspecify.annotations.NullMarked
module dev.evenkeel.lb {
    requires static transitive org.jspecify;

    exports dev.evenkeel.lb;
    exports dev.evenkeel.lb.spi;
}
