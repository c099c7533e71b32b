# What `make install` adds to src/Makevars: there R finds objects alone, as one who installs
# the package compiles all of it; here each object knows the headers that it was made from and
# the flags that it was made with, so that what has changed is compiled and nothing else.
# R reads this in place of the personal Makevars (R_MAKEVARS_USER), which is read here.
# Needs GNU make.
-include $(PERSONAL_MAKEVARS)
comma := ,

# Not x.d: R has a rule of its own that makes these.
CPPFLAGS += -MMD -MP -MF $@.d
-include $(OBJECTS:=.d)

# Debug symbols that the linker drops again need not be made.
ifneq ($(findstring -Wl$(comma)-S,$(PKG_LIBS)),)
CXX17FLAGS += -g0
endif

# Rcpp's header takes longer to parse than the file that includes it, those of the standard library
# take a quarter of the others' time. ccache knows each file's result and would not take these; a
# personal Makevars may have one already.
ifeq ($(findstring ccache,$(CXX))$(findstring -include,$(CXX17FLAGS)),)
RCPP_OBJECTS := $(foreach object,$(OBJECTS),$(if $(findstring /,$(object)),,$(object)))
CORE_OBJECTS := $(filter core/%,$(OBJECTS))
precompiled = $(BUILD)/precompiled/$(if $(filter $@,$(RCPP_OBJECTS)),Rcpp,core).h
CPPFLAGS += $(if $(filter $@,$(RCPP_OBJECTS) $(CORE_OBJECTS)),-include $(precompiled))
$(RCPP_OBJECTS): $(BUILD)/precompiled/Rcpp.h.gch
$(CORE_OBJECTS): $(BUILD)/precompiled/core.h.gch
$(BUILD)/precompiled/Rcpp.h.gch: INCLUDED := <Rcpp.h>
$(BUILD)/precompiled/core.h.gch: INCLUDED := "$(CURDIR)/../tests/core/precompiled.h"
$(BUILD)/precompiled/%.h.gch: $(BUILD)/install.flags
	@mkdir -p $(@D)
	@echo '#include $(INCLUDED)' > $(@:.gch=)
	$(CXX) $(ALL_CPPFLAGS) $(ALL_CXXFLAGS) -x c++-header $(@:.gch=) -o $@
-include $(BUILD)/precompiled/Rcpp.h.gch.d $(BUILD)/precompiled/core.h.gch.d
endif

# `cmp` leaves the time of a file alone whose words are the same.
.PHONY: always
COMMAND = $(subst $@.d,,$(CXX) $(ALL_CPPFLAGS) $(ALL_CXXFLAGS))
$(BUILD)/install.flags: always
	@echo '$(COMMAND)' | cmp -s - $@ || echo '$(COMMAND)' > $@
$(OBJECTS): $(BUILD)/install.flags
