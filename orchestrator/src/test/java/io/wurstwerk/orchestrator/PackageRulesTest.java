package io.wurstwerk.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.inject.Inject;

@AnalyzeClasses(packages = "io.wurstwerk.orchestrator", importOptions = ImportOption.DoNotIncludeTests.class)
class PackageRulesTest {

    @ArchTest
    static final ArchRule onlyThePipelineSpeaksGrpc =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("io.grpc..", "io.wurstwerk.triton..");

    @ArchTest
    static final ArchRule jobsArePure = classes()
            .that()
            .resideInAPackage("..job")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify..", "io.wurstwerk.orchestrator.job");

    @ArchTest
    static final ArchRule theEngineIsPure = classes()
            .that()
            .resideInAPackage("..engine")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..", "org.jspecify..", "io.wurstwerk.orchestrator.job", "io.wurstwerk.orchestrator.engine");

    @ArchTest
    static final ArchRule theEngineHasNeitherClockNorThreadsNorChanceOfItsOwn = noClasses()
            .that()
            .resideInAPackage("..engine")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "java.io..", "java.net..");

    @ArchTest
    static final ArchRule nobodyBelowTheHostKnowsIt = noClasses()
            .that()
            .resideInAnyPackage("..engine", "..ownership", "..studio", "..job")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..host");

    @ArchTest
    static final ArchRule ownershipKnowsNoModels = noClasses()
            .that()
            .resideInAPackage("..ownership")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..studio", "..fleet", "io.wurstwerk.pipeline..");

    @ArchTest
    static final ArchRule importsGoOneWay =
            slices().matching("io.wurstwerk.orchestrator.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheStoreKnowsS3 = noClasses()
            .that()
            .resideOutsideOfPackage("..store")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.minio..", "okhttp3..");

    @ArchTest
    static final ArchRule nothingIsInjectedIntoFields = fields().should().notBeAnnotatedWith(Inject.class);

    @ArchTest
    static final ArchRule packagesAreNounsOfTheDomain = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..dto..", "..service..");

    @ArchTest
    static final ArchRule classesAreNamedForWhatTheyAre =
            noClasses().should().haveNameMatching(".*(Impl|Utils?|Helper|Manager|Constants)");
}
