/** The API for applications and for plug-ins of Evenkeel; depends on JSpecify's annotations only. */
@org.jspecify.annotations.NullMarked
module dev.evenkeel.lb {
    requires static transitive org.jspecify;

    exports dev.evenkeel.lb;
    exports dev.evenkeel.lb.spi;
}
