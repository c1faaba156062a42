package io.wurstwerk.standalone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.wurstwerk.standalone", importOptions = ImportOption.DoNotIncludeTests.class)
final class PackageRulesTest {
    @ArchTest
    static final ArchRule packagesDependOneWay =
            slices().matching("io.wurstwerk.standalone.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theStackDoesNotKnowTheCommandLine = noClasses()
            .that()
            .resideInAPackage("..stack..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..command..", "picocli..");

    @ArchTest
    static final ArchRule onlyJunkIsSpokenInGrpcHere = noClasses()
            .that()
            .resideOutsideOfPackage("..fuzz..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..");

    @ArchTest
    static final ArchRule packagesAreNouns = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..dto..", "..service..");

    @ArchTest
    static final ArchRule namesSaySomething =
            noClasses().should().haveNameMatching(".*(Impl|Util|Utils|Helper|Manager|Constants)");
}
