#include <doctest/doctest.h>

#include "pickle_testing.h"

namespace mmappickle::pickle {
namespace {

TEST_CASE("machine: constants and binary numbers") {
  check_reads({
      {"N.", "N"},
      {"\x88.", "T"},
      {"\x89.", "F"},
      {"K\xff.", "i255"},
      {"M\xff\xff.", "i65535"},
      {"J\xff\xff\xff\xff.", "i-1"},
      {raw("J\x00\x00\x00\x80."), "i-2147483648"},
      {raw("\x8a\x00."), "i0"},
      {"\x8a\x01\xff.", "i-1"},
      {raw("\x8a\x02\xff\x00."), "i255"},
      {raw("\x8a\x03\xff\x00\x00."), "i255"},
      {raw("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."), "i-9223372036854775808"},
      {raw("\x8a\x0a\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00."), "i1"},
      {raw("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00."), "I000000000000008000"},
      {raw("\x8b\x02\x00\x00\x00\xff\x00."), "i255"},
      {raw("\x8b\x00\x00\x00\x00."), "i0"},
      {"\x8b\xff\xff\xff\xff.", "error@0"},
      {raw("G\x3f\xf0\x00\x00\x00\x00\x00\x00."), "f3ff0000000000000"},
      {raw("G\x7f\xf0\x00\x00\x00\x00\x07\xa2."), "f7ff00000000007a2"},  // R's NA
  });
}

TEST_CASE("machine: bytes and texts") {
  check_reads({
      {"U\x03"
       "abc.",
       "s616263"},
      {"U\x01\xe9.", "?string e9"},
      {raw("T\x03\x00\x00\x00"
           "abc."),
       "s616263"},
      {"T\xff\xff\xff\xff"
       "abc.",
       "error@0"},
      {"C\x02\xff\xfe.", "bfffe"},
      {raw("B\x01\x00\x00\x00x."), "b78"},
      {raw("\x8e\x01\x00\x00\x00\x00\x00\x00\x00x."), "b78"},
      {raw("\x96\x01\x00\x00\x00\x00\x00\x00\x00x."), "a78"},
      {raw("\x8c\x00."), "s"},
      {"\x8c\x02\xc3\xa9.", "sc3a9"},
      {raw("\x8c\x01\x00."), "s00"},
      {"\x8c\x03\xed\xa0\x80.", "seda080"},  // a lone surrogate
      {"\x8c\x01\xff.", "error@0"},
      {"\x8c\x02\xc0\x80.", "error@0"},
      {raw("X\x01\x00\x00\x00x."), "s78"},
      {raw("X\x01\x00\x00\x00\xff."), "error@0"},
      {raw("\x8d\x01\x00\x00\x00\x00\x00\x00\x00x."), "s78"},
      {raw("\x8d\x01\x00\x00\x00\x00\x00\x00\x00\xff."), "error@0"},
  });
}

TEST_CASE("machine: containers") {
  check_reads({
      {"].", "[]"},
      {").", "()"},
      {"}.", "{}"},
      {"\x8f.", "<>"},
      {"(l.", "[]"},
      {"(K\x01K\x02l.", "[i1,i2]"},
      {"(d.", "{}"},
      {"(K\x01K\x02"
       "d.",
       "{i1:i2}"},
      {"(K\x01"
       "d.",
       "error@3"},
      {"(t.", "()"},
      {"(NNNNt.", "(N,N,N,N)"},
      {"K\x01\x85.", "(i1)"},
      {"K\x01K\x02\x86.", "(i1,i2)"},
      {"K\x01K\x02K\x03\x87.", "(i1,i2,i3)"},
      {"(K\x01K\x01\x91.", "!<i1>"},
      {"]K\x01"
       "aK\x02"
       "a.",
       "[i1,i2]"},
      {"](K\x01K\x02"
       "e(K\x03"
       "e.",
       "[i1,i2,i3]"},
      {"](e.", "[]"},
      {"}K\x01K\x02s.", "{i1:i2}"},
      {"}(K\x01K\x02K\x03K\x04u(u.", "{i1:i2,i3:i4}"},
      {"}(K\x01u.", "error@4"},
      {"\x8f(K\x01\x90(\x90.", "<i1>"},
      // what is no container, or another one
      {"Na.", "error@1"},
      {"NNa.", "error@2"},
      {"}Na.", "error@2"},
      {")(Ne.", "error@3"},
      {"]NNs.", "error@3"},
      {"](NNu.", "error@4"},
      {"](N\x90.", "error@3"},
      {"N(e.", "N"},  // nothing to append: nobody asks to what
      {"N(u.", "N"},
      {"N(\x90.", "N"},
      // unhashable
      {"}]Ns.", "error@3"},
      {"}(}Nu.", "error@4"},
      {"(\x8fNd.", "error@3"},
      {"\x8f(]\x90.", "error@3"},
      {"(}\x91.", "error@2"},
      {raw("}\x96\x00\x00\x00\x00\x00\x00\x00\x00Ns."), "error@11"},
      {"}(N]t]s.", "{(N,[]):[]}"},
  });
}

TEST_CASE("machine: the stack and its marks") {
  check_reads({
      {"", "error@0"},
      {".", "error@0"},
      {"(.", "error@1"},
      {"N(.", "error@2"},
      {"(N.", "N"},
      {"NK\x01.", "i1"},
      {"NK\x01"
       "0.",
       "N"},
      {"0.", "error@0"},
      {"N(0.", "N"},
      {"N(00.", "error@4"},
      {"N(NN1.", "N"},
      {"N1.", "error@1"},
      {"K\x05"
       "2\x86.",
       "(i5,i5)"},
      {"2.", "error@0"},
      {"N(2.", "error@2"},
      {"t.", "error@0"},
      {"l.", "error@0"},
      {"d.", "error@0"},
      {"e.", "error@0"},
      {"Ne.", "error@1"},
      {"(e.", "error@1"},
      {"N((e.", "error@3"},
      {"\x85.", "error@0"},
      {"N\x86.", "error@1"},
      {"NN\x87.", "error@2"},
      {"N(\x85.", "error@2"},
      {"N(N\x86.", "error@3"},
      {"](Na.", "error@3"},
      {"R.", "error@0"},
      {"NR.", "error@1"},
      {"b.", "error@0"},
      {"Nb.", "error@1"},
      {"N(Nb.", "error@3"},
      {"\x93.", "error@0"},
      {"o.", "error@0"},
      {"(o.", "error@1"},
      {"Q.", "error@0"},
      {"\x98.", "error@0"},
      {"\x94.", "error@0"},
      {raw("q\x00."), "error@0"},
      {raw("N(q\x00."), "error@2"},
  });
}

// Behind an opcode above a MARK, with as much behind it as the longest of them takes.
TEST_CASE("machine: numbers and memos in a run") {
  const std::string one = raw("G\x3f\xf0\x00\x00\x00\x00\x00\x00");
  const std::string tail = "]]]]]]]]]l.", read = "[],[],[],[],[],[],[],[],[]]";
  check_reads({
      {"(NNN" + tail, "[N,N,N," + read},
      {"(NK\x05M\xff\xffJ\xff\xff\xff\xff" + tail, "[N,i5,i65535,i-1," + read},
      {"(N" + raw("J\x00\x00\x00\x80") + tail, "[N,i-2147483648," + read},
      {"(N\x88\x89" + one + tail, "[N,T,F,f3ff0000000000000," + read},
      {raw("(Nq\x07h\x07h\x07") + tail, "[N,N,N," + read},
      {raw("(K\x02q\x07h\x07j\x07\x00\x00\x00") + tail, "[i2,i2,i2," + read},
      // what is not there, whole or at all
      {raw("(Nh\x07") + tail, "error@2"},
      {raw("(NNj\x07\x00\x00\x00") + tail, "error@3"},
      {"(NNNNNNNNNNNNNJ\x01", "error@14"},
      {"(NNNNNNNNNNNNNG\x01", "error@14"},
      {"(NNNNNNNNNNNNN\xff", "error@14"},
      // STOP ends it, whatever follows
      {"(N.K\x05K\x06K\x07K\x08K\x09K\x0a", "N"},
      {"(.K\x05K\x06K\x07K\x08K\x09K\x0a", "error@1"},
      {"(K\x01.NNNNNNNNNNNN", "i1"},
  });
  std::string many = "(N", all = "[N";
  for (int i = 0; i < 10000; ++i) {
    many += i % 3 == 0 ? "K\x09" : i % 3 == 1 ? "\x88" : one;
    all += i % 3 == 0 ? ",i9" : i % 3 == 1 ? ",T" : ",f3ff0000000000000";
  }
  check_reads({{many + "l.", all + "]"}});
}

TEST_CASE("machine: memo") {
  check_reads({
      {raw("]q\x00h\x00\x86."), "([],[])"},
      {"Np0\n0g0\n.", "N"},
      {"Np300\n0g300\n.", "N"},
      {"Nr\x01\x02\x03\x04"
       "0j\x01\x02\x03\x04.",
       "N"},
      {"Np9223372036854775807\n0g9223372036854775807\n.", "N"},
      {"Np9223372036854775808\n.", "error@1"},
      {"Np-1\n.", "error@1"},
      {"Npx\n.", "error@1"},
      {"Np\n.", "error@1"},
      {raw("h\x00."), "error@0"},
      {"g1\n.", "error@0"},
      {"g-1\n.", "error@0"},
      {"j\xff\xff\xff\xff.", "error@0"},
      // MEMOIZE goes by how many slots are set
      {raw("N\x94K\x01\x94h\x01\x85."), "(i1)"},
      {raw("Nq\x01K\x01\x94\x30h\x01."), "i1"},
      {"Nq\x05K\x01\x94\x30h\x05.", "N"},
      {raw("Nq\x00K\x01q\x00\x30h\x00."), "i1"},
  });
}

TEST_CASE("machine: what Python would call is inert") {
  check_reads({
      {"cos\nsystem\n.", "?os.system"},
      {"\x8c\x02os\x8c\x06system\x93.", "?os.system"},
      {"U\x02osU\x06system\x93.", "?os.system"},
      {"cos\nsystem\n(S'ls'\ntR.", "?call(?os.system (s6c73))"},
      {"ca\nb\n)\x81.", "?new(?a.b ())"},
      {"ca\nb\n)}\x92.", "?new_ex(?a.b ()) keywords={}"},
      {"(K\x01ia\nb\n.", "?instance(?a.b (i1))"},
      {"(ca\nb\nK\x01K\x02o.", "?instance(?a.b (i1,i2))"},
      {"(ca\nb\no.", "?instance(?a.b ())"},
      {"ca\nb\n)R}b.", "?call(?a.b ()) state={}"},
      {"ca\nb\n)RK\x01"
       "bK\x02"
       "b.",
       "?call(?a.b ()) state=i1 state=i2"},
      {"ca\nb\n)RK\x01"
       "a(K\x02K\x03"
       "e.",
       "?call(?a.b ()) items=[i1,i2,i3]"},
      {"ca\nb\n)R(K\x01\x90.", "?call(?a.b ()) items=[i1]"},
      {"ca\nb\n)RK\x01K\x02s(K\x03K\x04u.", "?call(?a.b ()) dict_items={i1:i2,i3:i4}"},
      {"ca\nb\n)R)R.", "?call(?call(?a.b ()) ())"},
      {"Pabc\n.", "?persistent(s616263)"},
      {"P\xe9\n.", "error@0"},
      {"K\x01Q.", "?persistent(i1)"},
      {"\x82\x05.", "?extension5"},
      {"\x83\x05\x01.", "?extension261"},
      {raw("\x84\x05\x00\x00\x01."), "?extension16777221"},
      {raw("\x82\x00."), "error@0"},
      {"\x84\xff\xff\xff\xff.", "error@0"},
      {"\x97.", "?buffer"},
      {"\x97\x98.", "?readonly"},
      {raw("\x97q\x00\x98h\x00\x86."), "(?readonly,?buffer)"},
      {"C\x01x\x98.", "b78"},
      {"N\x98.", "error@1"},
      // what could never be called
      {"N)R.", "error@2"},
      {"ca\nb\nNR.", "error@6"},
      {"ca\nb\n]\x81.", "error@6"},
      {"])\x81.", "error@2"},
      {"ca\nb\n)N\x92.", "error@7"},
      {"(No.", "error@2"},
      {"NN\x93.", "error@2"},
      {"\x8c\x01"
       "aC\x01"
       "b\x93.",
       "error@6"},
      // names
      {"c\nb\n.", "error@0"},
      {"ca\n\n.", "error@0"},
      {"ca\nb", "error@0"},
      {"c\xc3\xa9\nb\n.", "?\xc3\xa9.b"},
      {"c\xff\nb\n.", "error@0"},
      {"(i\xc3\xa9\nb\n.", "error@1"},
      // plain values have no state, but Python does not mind None
      {"]Nb.", "[]"},
      {"]NN\x86"
       "b.",
       "[]"},
      {"]}b.", "error@2"},
      {"N}b.", "error@2"},
  });
}

}  // namespace
}  // namespace mmappickle::pickle
